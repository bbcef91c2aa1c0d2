#!/bin/bash
name=$1
if true
then
      rm -rf $name
fi

#!/bin/bash
# What alice has caught: it asks for a command and control domain, again and again. Ends when its input ends.
echo $$
while read -r -t 2 _ || (($? > 128)); do getent hosts guarddutyc2activityb.com; done

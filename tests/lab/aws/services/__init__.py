"""One file per AWS service that the lab adds to ministack or corrects in it."""

"""What scripts/smoke-aws starts."""

import sys
from pathlib import Path

from botocore.exceptions import BotoCoreError

# In place of this folder, and never the caller's, which may hold anything.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from preflight.account import ApiError  # noqa: E402
from smoke.cli import main  # noqa: E402
from smoke.talk import Failed, Refused  # noqa: E402

try:
    sys.exit(main(sys.argv[1:]))
except Refused:
    print("nothing further was done")
    sys.exit(1)
except (Failed, ApiError, BotoCoreError) as error:
    print(f"failed: {error}", file=sys.stderr)
    sys.exit(1)

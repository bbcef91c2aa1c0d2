"""The fixed names and numbers of the lab."""

ACCOUNT_ID = "111122223333"
REGION = "eu-west-1"
STACK_NAME = "adsteward"

# ministack takes a 12-digit access key for that account's root credentials.
ACCESS_KEY_ID = ACCOUNT_ID
SECRET_ACCESS_KEY = "lab-root-credentials"

DIRECTORY_ID = "d-9067012345"
DOMAIN = "corp.example.test"
REALM = "CORP.EXAMPLE.TEST"
NETBIOS = "CORP"
BASE_DN = "DC=corp,DC=example,DC=test"
CUSTOMER_OU = f"OU={NETBIOS},{BASE_DN}"
USERS_OU = f"OU=Users,{CUSTOMER_OU}"
COMPUTERS_OU = f"OU=Computers,{CUSTOMER_OU}"

SIMPLE_DIRECTORY_ID = "d-9067067890"
SIMPLE_DOMAIN = "simple.example.test"
SIMPLE_NETBIOS = "SIMPLE"
SIMPLE_DC_ADDRESS = "10.98.0.2"
SIMPLE_DNS_ADDRESSES = ("10.98.0.21", "10.98.0.22")

# A forest of somebody's own, which AWS does not know.
TRUSTED_DOMAIN = "partner.example.test"
TRUSTED_NETBIOS = "PARTNER"
TRUSTED_DC_ADDRESS = "10.98.0.3"
TRUSTED_CONTROLLERS = ("10.98.0.31", "10.98.0.32")
TRUSTED_USERS_OU = "OU=Staff,DC=partner,DC=example,DC=test"
# Who may disable, enable and give passwords to those of TRUSTED_USERS_OU, and as whom instances look them up.
CONTAIN_USER = "svc-contain"
LOOKUP_USER = "svc-lookup"
# By way of a group of his own, one of that domain's Domain Admins.
TRUSTED_ADMINISTRATOR = "paula.moss"
TRUSTED_FOREST_SECRET = "adsteward/trusted/partner"
TRUSTED_FOREST_SECRET_ARN = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT_ID}:secret:{TRUSTED_FOREST_SECRET}-c0ffee"

# In each domain: so many wrong passwords within the time lock an account for the time.
LOCKOUT_THRESHOLD = 5
LOCKOUT_SECONDS = 1800

BRIDGE = "lab0"
NETWORK = "10.98.0.0/16"
DC_ADDRESS = "10.98.0.1"
DNS_ADDRESSES = ("10.98.0.11", "10.98.0.12")
DC_HOST = f"dc1.{DOMAIN}"

ADMIN_USER = "Admin"
OPERATOR_USER = "lab-operator"
# Whose password the product takes over at `up`.
ROTATED_USER = "svc-rotated"
# Who may make computer objects in COMPUTERS_OU, and who may remove them.
JOIN_USER = "svc-join"
LEAVE_USER = "svc-leave"
# What the joining of instances finds in the account: the password of the former, the latter's secret, the authority.
JOIN_USER_PARAMETER = f"/adsteward/join/{JOIN_USER}"
COMPUTER_SECRET = "adsteward/computers"
COMPUTER_SECRET_ARN = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT_ID}:secret:{COMPUTER_SECRET}-c0ffee"
LDAPS_CA_PARAMETER = "/adsteward/ldaps-ca"
# Another account of the organization and a Region of its own.
MEMBER_ACCOUNT_ID = "222222222222"
MEMBER_REGION = "us-east-2"
ORGANIZATION_ID = "o-lab0example"
ORGANIZATION_ACCOUNTS = (ACCOUNT_ID, MEMBER_ACCOUNT_ID)

# What people get who are new in the directory. The ids are made up.
WORKSPACES_BUNDLE_ID = "wsb-value0001"
CONNECT_INSTANCE_ID = "c0ffee00-1a2b-4c3d-8e4f-5a6b7c8d9e0f"
CONNECT_ROUTING_PROFILE_ID = "5f1c2c0b-5a0e-4d57-9d52-6f0f7f3f1a01"
CONNECT_SECURITY_PROFILE_ID = "7b0c5f0e-0d43-4e21-8c5f-2f7b8b1d0c01"
# What some get by a rule of their group.
OTHER_BUNDLE_ID = "wsb-standard1"
OTHER_SECURITY_PROFILE_ID = "7b0c5f0e-0d43-4e21-8c5f-2f7b8b1d0c02"

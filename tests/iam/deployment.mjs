// The deployments that the policies are evaluated in. That of the product is the lab's, so that its records can be compared.

export const PARTITION = "aws";
export const ORGANIZATION = "o-lab0example";

// What has no default in the template.
const PARAMETERS = {
  DirectoryId: "d-9067012345",
  NotificationEmail: "security@corp.example.test",
  Mode: "enforce",
  // Rotation, with everything in it.
  RotationVpcId: "vpc-00000001",
  RotationSubnetIds: "subnet-00000001,subnet-00000002",
  DirectorySecurityGroupId: "sg-00000001",
  SimpleDirectoryId: "d-9067067890",
  SimpleDirectorySecurityGroupId: "sg-00000001",
  RotatedUser: "svc-rotated",
  OtherSecretArns: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:rotated/*",
  SecretKeyArns: "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555",
  // Onboarding, with everything in it.
  DirectoryLogGroupName: "/aws/directoryservice/d-9067012345",
  DirectoryDomainName: "corp.example.test",
  DirectoryNetbiosName: "CORP",
  WorkspacesBundleId: "wsb-value0001",
  OtherBundleArns: "arn:aws:workspaces:eu-west-1:111122223333:workspacebundle/wsb-standard1",
  WorkspacesVolumeKeyArn: "arn:aws:kms:eu-west-1:111122223333:key/22222222-2222-3333-4444-555555555555",
  ConnectInstanceId: "c0ffee00-1a2b-4c3d-8e4f-5a6b7c8d9e0f",
  ConnectRoutingProfileId: "5f1c2c0b-5a0e-4d57-9d52-6f0f7f3f1a01",
  ConnectSecurityProfileId: "7b0c5f0e-0d43-4e21-8c5f-2f7b8b1d0c01",
  OtherConnectProfileArns:
    "arn:aws:connect:eu-west-1:111122223333:instance/c0ffee00-1a2b-4c3d-8e4f-5a6b7c8d9e0f/security-profile/7b0c5f0e-0d43-4e21-8c5f-2f7b8b1d0c02",
  // Joining, with everything in it.
  ComputerOu: "OU=Computers,OU=CORP,DC=corp,DC=example,DC=test",
  LdapsCaParameterName: "/adsteward/ldaps-ca",
  ComputerSecretArn: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:adsteward/computers-c0ffee",
  JoinUserParameterPrefix: "/adsteward/join/",
  JoinUserSecretArns: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:rotated/svc-join-*",
  ADToolsHostTagKey: "adsteward-tools",
  ADToolsHostTagValue: "yes",
  OrganizationId: ORGANIZATION,
  // A trusted domain.
  TrustedForestSecretArns: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:adsteward/trusted/partner-c0ffee",
};

export const PRODUCT = { account: "111122223333", region: "eu-west-1", stack: "adsteward", parameters: PARAMETERS };

const MEMBER_PARAMETERS = {
  DirectoryAccountId: PRODUCT.account,
  DirectoryRegion: PRODUCT.region,
  OrganizationId: ORGANIZATION,
  TrustedRoleArns: "arn:aws:iam::111122223333:role/adsteward-DomainJoinerRole,arn:aws:iam::111122223333:role/adsteward-ComputerSweeperRole,arn:aws:iam::111122223333:role/adsteward-GuarddutyResponderRole",
  ExternalId: "3f1c7a52-0d6e-4b8f-9a61-5c2e8d7b4f90",
  PrimaryRegion: "eu-west-1",
  NotificationEmail: "operations@corp.example.test",
};

// stacks/member.yaml in another account, and in another Region of the directory's account.
export const MEMBER = { account: "222222222222", region: "eu-west-1", stack: "member", parameters: MEMBER_PARAMETERS };
export const RELAY = { ...MEMBER, account: PRODUCT.account, region: "eu-central-1" };

// The one deployment that the policies are evaluated in: the lab's, so that its records can be compared.

export const PARTITION = "aws";
export const REGION = "eu-west-1";
export const ACCOUNT = "111122223333";
export const STACK = "adsteward";

// What has no default in the template.
export const PARAMETERS = {
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
  WorkspacesBundleId: "wsb-000000001",
  OtherBundleArns: "arn:aws:workspaces:eu-west-1:111122223333:workspacebundle/wsb-000000002",
  WorkspacesVolumeKeyArn: "arn:aws:kms:eu-west-1:111122223333:key/22222222-2222-3333-4444-555555555555",
  ConnectInstanceId: "c0000000-0000-4000-8000-000000000001",
  ConnectRoutingProfileId: "c0000000-0000-4000-8000-00000000000a",
  ConnectSecurityProfileId: "c0000000-0000-4000-8000-00000000000b",
  OtherConnectProfileArns:
    "arn:aws:connect:eu-west-1:111122223333:instance/c0000000-0000-4000-8000-000000000001/security-profile/c0000000-0000-4000-8000-00000000000c",
};

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
};

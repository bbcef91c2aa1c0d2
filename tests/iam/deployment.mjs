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
};

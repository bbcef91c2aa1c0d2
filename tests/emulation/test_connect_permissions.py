from emulation import bed
from emulation.bed import allow, refused
from emulation.test_connect import ARN, INSTANCE, ROUTING, SECURITY, UNKNOWN, ConnectCase


class Permissions(ConnectCase):
    def denied(self, call, **parameters):
        return refused(self, "AccessDeniedException", call, **parameters)

    def test_whoever_creates_needs_both_profiles_and_the_user(self):
        needed = [f"{ARN}/agent/*", f"{ARN}/routing-profile/{ROUTING}", f"{ARN}/security-profile/{SECURITY}"]
        for missing in needed:
            user = bed.as_user("connect", allow("connect:CreateUser", resource=[arn for arn in needed if arn != missing]))
            self.assertIn(missing, self.denied(user.create_user, **self.request()))

        bed.as_user("connect", allow("connect:CreateUser", resource=needed)).create_user(**self.request())

    def test_the_instance_can_be_demanded_by_its_key(self):
        def only(instance):
            return allow("connect:*") | {"Condition": {"StringEquals": {"connect:InstanceId": instance}}}

        self.denied(bed.as_user("connect", only(UNKNOWN)).create_user, **self.request())
        bed.as_user("connect", only(INSTANCE)).create_user(**self.request())

    def test_a_user_is_the_resource_of_what_is_done_with_it(self):
        mine, other = self.new(), self.new(Tags={"adsteward": "onboarded"})
        user = bed.as_user("connect", allow("connect:DeleteUser", resource=f"{ARN}/agent/{mine}"))
        held = {"Condition": {"StringEquals": {"aws:ResourceTag/adsteward": "onboarded"}}}
        tagged = bed.as_user("connect", allow("connect:DeleteUser", resource=f"{ARN}/agent/*") | held)

        self.denied(user.delete_user, InstanceId=INSTANCE, UserId=other)
        self.denied(tagged.delete_user, InstanceId=INSTANCE, UserId=mine)
        user.delete_user(InstanceId=INSTANCE, UserId=mine)
        tagged.delete_user(InstanceId=INSTANCE, UserId=other)

    def test_lists_and_searches_are_of_the_instance(self):
        user = bed.as_user("connect", allow("connect:ListUsers", "connect:SearchUsers", resource=ARN))

        user.list_users(InstanceId=INSTANCE)
        user.search_users(InstanceId=INSTANCE)
        self.denied(bed.as_user("connect", allow("connect:ListUsers", resource=f"{ARN}/*")).list_users, InstanceId=INSTANCE)

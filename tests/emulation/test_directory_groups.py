import unittest

from lab.domains import MANAGED

from emulation.bed import aws, refused, token


class Groups(unittest.TestCase):
    def setUp(self):
        self.data = aws("ds-data")
        self.name = f"g{token()[:8]}"
        self.group = {"DirectoryId": MANAGED.directory_id, "SAMAccountName": self.name}

    def described(self, *attributes):
        return self.data.describe_group(**self.group, OtherAttributes=list(attributes))

    def test_all_operations_are_served(self):
        from lab.aws.model import service_model

        self.assertEqual(len(service_model("ds-data").operation_names), 17)
        service = {"DirectoryId": "d-9067000000", "SAMAccountName": "nobody"}
        for name in service_model("ds-data").operation_names:
            shape = service_model("ds-data").operation_model(name).input_shape
            more = {"GroupName": "x", "MemberName": "x", "SearchString": "x", "SearchAttributes": ["SAMAccountName"]}
            parameters = {key: value for key, value in (service | more).items() if key in shape.required_members}
            snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)[1:]
            refused(self, "AccessDeniedException", getattr(self.data, snake), **parameters)

    def test_attributes_scope_and_type_of_a_group_are_changed(self):
        self.data.create_group(**self.group)
        self.data.update_group(**self.group, GroupScope="Universal", OtherAttributes={"description": {"S": "one"}})
        self.data.update_group(**self.group, GroupType="Distribution")
        self.data.update_group(**self.group, OtherAttributes={"info": {"S": "two"}}, UpdateType="ADD")

        found = self.described("description", "info")
        self.assertEqual((found["GroupScope"], found["GroupType"]), ("Universal", "Distribution"))
        self.assertEqual(found["OtherAttributes"], {"description": {"S": "one"}, "info": {"S": "two"}})
        self.data.update_group(**self.group, OtherAttributes={"info": {"S": "two"}}, UpdateType="REMOVE")
        self.assertNotIn("info", self.described("info").get("OtherAttributes", {}))

    def test_an_update_needs_something_to_change_in_a_group_of_the_customers(self):
        self.data.create_group(**self.group)
        refused(self, "ValidationException", self.data.update_group, **self.group)
        own = {"DirectoryId": MANAGED.directory_id, "SAMAccountName": "Domain Admins", "GroupType": "Distribution"}
        refused(self, "AccessDeniedException", self.data.update_group, **own)
        none = own | {"SAMAccountName": "none"}
        refused(self, "ResourceNotFoundException", self.data.update_group, **none)

    def test_groups_are_found_by_an_attribute(self):
        made = self.data.create_group(**self.group, OtherAttributes={"description": {"S": f"of {self.name}"}})

        found = self.data.search_groups(
            DirectoryId=MANAGED.directory_id, SearchString=f"of {self.name}", SearchAttributes=["description"]
        )

        (group,) = found["Groups"]
        self.assertEqual((group["SAMAccountName"], group["SID"]), (self.name, made["SID"]))
        self.assertEqual(group["OtherAttributes"], {"description": {"S": f"of {self.name}"}})
        none = self.data.search_groups(DirectoryId=MANAGED.directory_id, SearchString="of *", SearchAttributes=["description"])
        self.assertEqual(none["Groups"], [])

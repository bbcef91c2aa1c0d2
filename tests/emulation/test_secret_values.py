from lab import aws_service

from emulation.bed import SecretCase, token

LONG_AGO = "0000000000000000000000000000000a"


class SecretValues(SecretCase):
    def test_the_token_of_create_secret_is_the_id_of_its_version(self):
        arn = self.new_secret(ClientRequestToken=LONG_AGO)

        self.assertEqual(self.labels(arn), {"AWSCURRENT": LONG_AGO})

    def test_create_secret_again_with_the_same_token_and_value_changes_nothing(self):
        wanted = {"Name": f"test/{token()}", "ClientRequestToken": token(), "SecretString": "first"}
        first = self.secrets.create_secret(**wanted)

        self.assertEqual(self.secrets.create_secret(**wanted)["ARN"], first["ARN"])
        self.refused("ResourceExistsException", self.secrets.create_secret, **wanted | {"SecretString": "other"})
        self.refused("ResourceExistsException", self.secrets.create_secret, **wanted | {"ClientRequestToken": token()})

    def test_a_secret_without_a_value_has_no_version(self):
        arn = self.new_secret(None)

        self.assertEqual(self.labels(arn), {})
        self.refused("ResourceNotFoundException", self.value, arn)
        first = self.put(arn, "first", VersionStages=["mine"])
        self.assertEqual(self.labels(arn), {"mine": first, "AWSCURRENT": first})

    def test_the_same_token_with_the_same_value_changes_nothing_and_with_another_fails(self):
        arn, same = self.new_secret(), token()
        self.put(arn, "second", ClientRequestToken=same)
        third = self.put(arn, "third")

        self.put(arn, "second", ClientRequestToken=same)
        self.assertEqual(self.labels(arn)["AWSCURRENT"], third)
        self.refused("ResourceExistsException", self.put, arn, "fourth", ClientRequestToken=same)
        self.refused("ResourceExistsException", self.secrets.update_secret, SecretId=arn, SecretString="fourth",
                     ClientRequestToken=same)

    def test_a_new_current_value_moves_previous_too(self):
        arn = self.new_secret(ClientRequestToken=LONG_AGO)
        second = self.put(arn, "second")

        self.assertEqual(self.labels(arn), {"AWSCURRENT": second, "AWSPREVIOUS": LONG_AGO})
        self.assertEqual(self.value(arn, VersionStage="AWSPREVIOUS"), "first")

    def test_a_version_that_lost_its_labels_is_readable_by_its_id_and_listed_only_when_asked_for(self):
        arn = self.new_secret(ClientRequestToken=LONG_AGO)
        self.put(arn, "second")
        self.put(arn, "third")

        self.assertEqual(self.value(arn, VersionId=LONG_AGO), "first")
        listed = self.secrets.list_secret_version_ids(SecretId=arn)["Versions"]
        self.assertNotIn(LONG_AGO, [version["VersionId"] for version in listed])
        listed = self.secrets.list_secret_version_ids(SecretId=arn, IncludeDeprecated=True)["Versions"]
        self.assertIn(LONG_AGO, [version["VersionId"] for version in listed])

    def test_a_label_of_another_version_moves_to_the_one_that_is_put_with_it(self):
        arn = self.new_secret()
        self.put(arn, "second", VersionStages=["AWSPENDING"])
        third = self.put(arn, "third", VersionStages=["AWSPENDING"])

        self.assertEqual(self.labels(arn)["AWSPENDING"], third)

    def test_a_value_made_current_by_hand_takes_pending_from_another_version(self):
        arn = self.new_secret()
        self.put(arn, "second", VersionStages=["AWSPENDING"])
        self.put(arn, "third")

        self.assertNotIn("AWSPENDING", self.labels(arn))

    def test_an_id_and_a_label_must_name_the_same_version(self):
        arn = self.new_secret(ClientRequestToken=LONG_AGO)
        self.put(arn, "second")

        self.assertEqual(self.value(arn, VersionId=LONG_AGO, VersionStage="AWSPREVIOUS"), "first")
        self.refused("InvalidRequestException", self.value, arn, VersionId=LONG_AGO, VersionStage="AWSCURRENT")

    def test_a_binary_value_comes_back_as_it_was(self):
        arn = self.new_secret(None, SecretBinary=b"\0\xff secret")

        self.assertEqual(self.secrets.get_secret_value(SecretId=arn)["SecretBinary"], b"\0\xff secret")

    def test_a_value_is_needed_and_only_one(self):
        arn = self.new_secret()

        self.refused("InvalidParameterException", self.secrets.put_secret_value, SecretId=arn)
        self.refused("InvalidParameterException", self.put, arn, SecretBinary=b"x")

    def test_a_secret_that_is_marked_for_deletion_can_only_be_described(self):
        arn = self.new_secret()
        self.secrets.delete_secret(SecretId=arn)

        self.assertIn("DeletedDate", self.secrets.describe_secret(SecretId=arn))
        for call in (self.value, self.put, self.rotate):
            self.refused("InvalidRequestException", call, arn)

    def test_a_rotation_token_that_no_rotation_has_is_refused(self):
        self.refused("InvalidParameterException", self.put, self.new_secret(), RotationToken=token())

    def test_a_random_password_has_each_type_of_character_unless_excluded(self):
        for wanted, kinds in ({"PasswordLength": 4}, 4), ({"PasswordLength": 3, "ExcludePunctuation": True}, 3):
            password = self.secrets.get_random_password(**wanted)["RandomPassword"]
            tests = (str.isupper, str.islower, str.isdigit, lambda character: not character.isalnum())
            self.assertEqual(sum(any(map(test, password)) for test in tests), kinds, password)
        self.assertEqual(len(self.secrets.get_random_password()["RandomPassword"]), 32)
        excluded = self.secrets.get_random_password(PasswordLength=4096, ExcludeCharacters="aB0/@\"'\\")
        self.assertFalse(set("aB0/@\"'\\") & set(excluded["RandomPassword"]))
        self.refused("InvalidParameterException", self.secrets.get_random_password, PasswordLength=3)


class StaleReads(SecretCase):
    def stale(self, operation):
        fault = {"service": "secretsmanager", "operation": operation, "kind": "stale-read"}
        aws_service.admin("fault", {"declare": fault})
        self.addCleanup(aws_service.admin, "fault", {"clear": None})

    def test_a_stale_read_answers_as_of_before_the_last_write(self):
        arn = self.new_secret(ClientRequestToken=LONG_AGO)
        self.put(arn, "second")
        third = self.put(arn, "third", VersionStages=["AWSPENDING"])

        self.stale("DescribeSecret")
        self.assertNotIn("AWSPENDING", self.labels(arn))
        self.assertEqual(self.labels(arn)["AWSPENDING"], third)
        self.stale("GetSecretValue")
        self.refused("ResourceNotFoundException", self.value, arn, VersionId=third)
        self.assertEqual(self.value(arn, VersionId=third), "third")


class StagingLabels(SecretCase):
    def test_whoever_moves_a_label_names_the_version_that_has_it(self):
        arn = self.new_secret(ClientRequestToken=LONG_AGO)
        second = self.put(arn, "second", VersionStages=["AWSPENDING"])

        message = self.refused("InvalidParameterException", self.move, arn, "AWSCURRENT", to=second)
        self.assertIn(LONG_AGO, message)
        self.refused("InvalidParameterException", self.move, arn, "AWSCURRENT", to=second, away_from=second)
        self.move(arn, "AWSCURRENT", to=second, away_from=LONG_AGO)
        self.assertEqual(self.labels(arn), {"AWSCURRENT": second, "AWSPENDING": second, "AWSPREVIOUS": LONG_AGO})

    def test_a_label_can_be_put_where_it_is_already(self):
        arn = self.new_secret(ClientRequestToken=LONG_AGO)

        self.move(arn, "AWSCURRENT", to=LONG_AGO)
        self.assertEqual(self.labels(arn), {"AWSCURRENT": LONG_AGO})

    def test_back_to_the_previous_version_swaps_the_labels(self):
        arn = self.new_secret(ClientRequestToken=LONG_AGO)
        second = self.put(arn, "second")

        self.move(arn, "AWSCURRENT", to=LONG_AGO, away_from=second)
        self.assertEqual(self.labels(arn), {"AWSCURRENT": LONG_AGO, "AWSPREVIOUS": second})

    def test_current_cannot_be_taken_away_and_pending_can(self):
        arn = self.new_secret(ClientRequestToken=LONG_AGO)
        second = self.put(arn, "second", VersionStages=["AWSPENDING"])

        self.refused("InvalidParameterException", self.move, arn, "AWSCURRENT", away_from=LONG_AGO)
        self.refused("InvalidParameterException", self.move, arn, "AWSPENDING", away_from=LONG_AGO)
        self.move(arn, "AWSPENDING", away_from=second)
        self.assertEqual(self.labels(arn), {"AWSCURRENT": LONG_AGO})

    def test_a_version_that_does_not_exist_gets_no_label(self):
        arn = self.new_secret()

        self.refused("ResourceNotFoundException", self.move, arn, "mine", to=token())


class Listing(SecretCase):
    def test_a_listed_secret_tells_what_describe_secret_tells_but_replicas(self):
        arn = self.new_secret(Tags=[{"Key": "k", "Value": "v"}])
        described = self.secrets.describe_secret(SecretId=arn)

        listed = self.listed()[arn]

        for name in ("ARN", "Name", "Description", "Tags", "CreatedDate", "LastChangedDate"):
            self.assertEqual(listed[name], described[name])
        self.assertEqual(listed["SecretVersionsToStages"], described["VersionIdsToStages"])
        self.assertNotIn("RotationEnabled", listed)

    def test_pages_hold_all_secrets_once_and_those_to_be_deleted_only_when_asked_for(self):
        kept, going = self.new_secret(), self.new_secret()
        self.secrets.delete_secret(SecretId=going)

        self.assertEqual(self.listed(MaxResults=1).keys(), self.listed().keys())
        self.assertIn(kept, self.listed())
        self.assertNotIn(going, self.listed())
        self.assertIn(going, self.listed(IncludePlannedDeletion=True))
        self.refused("InvalidNextTokenException", self.secrets.list_secrets, NextToken="x")

    def listed(self, **more):
        pages = self.secrets.get_paginator("list_secrets").paginate(**more)
        found = [secret for page in pages for secret in page["SecretList"]]
        self.assertEqual(len(found), len({secret["ARN"] for secret in found}))
        return {secret["ARN"]: secret for secret in found}

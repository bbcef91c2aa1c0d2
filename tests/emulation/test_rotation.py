import json
import subprocess

from lab import paths

from emulation import bed
from emulation.bed import SecretCase, token

STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"]
IN_PROGRESS = "A previous rotation isn't complete. That rotation will be reattempted."


def steps(run):
    return [taken["step"] for taken in run["steps"]]


class LabCase(SecretCase):
    def lab(self, *arguments):
        return subprocess.run([paths.ROOT / "scripts" / "lab", *arguments], capture_output=True, text=True)


class Rotation(LabCase):
    def test_the_function_is_invoked_with_the_four_steps_for_one_version(self):
        arn, version = self.new_secret(), token()

        run = self.rotated(arn, ClientRequestToken=version)

        self.assertEqual((run["outcome"], run["version"], steps(run)), ("Succeeded", version, STEPS))
        self.assertEqual(self.labels(arn)["AWSCURRENT"], version)
        self.assertEqual(self.labels(arn)["AWSPENDING"], version)
        self.assertNotEqual(self.value(arn), "first")
        self.assertEqual(self.value(arn, VersionStage="AWSPREVIOUS"), "first")

    def test_rotates_ten_times_in_a_row(self):
        arn = self.new_secret()

        values = {self.rotated(arn)["outcome"] + self.value(arn) for _ in range(10)}
        self.assertEqual(len(values), 10)
        self.assertTrue(all(value.startswith("Succeeded") for value in values))

    def test_a_version_without_a_value_has_pending_before_the_function_stores_one(self):
        arn = self.new_secret(plan={"createSecret": {"fail": 99}})

        run = self.rotated(arn)

        self.assertEqual(run["outcome"], "Failed")
        self.assertEqual(self.labels(arn)["AWSPENDING"], run["version"])
        self.refused("ResourceNotFoundException", self.value, arn, VersionStage="AWSPENDING")
        self.refused("ResourceNotFoundException", self.value, arn, VersionId=run["version"])

    def test_a_failed_step_is_followed_by_all_steps_again_with_the_same_token(self):
        arn = self.new_secret(plan={"testSecret": {"fail": 1}})

        run = self.rotated(arn)

        self.assertEqual((run["outcome"], steps(run)), ("Succeeded", STEPS[:3] + STEPS))
        self.assertEqual(len(bed.settled(arn)), 1)

    def test_a_rotation_that_always_fails_ends_and_leaves_pending(self):
        arn = self.new_secret(plan={"setSecret": {"fail": 99}})

        run = self.rotated(arn)

        self.assertEqual((run["outcome"], steps(run)), ("Failed", 3 * STEPS[:2]))
        self.assertEqual(self.value(arn), "first")
        self.assertNotEqual(self.value(arn, VersionStage="AWSPENDING"), "first")

    def test_pending_on_another_version_refuses_a_rotation_and_takes_the_old_one_up_again(self):
        arn = self.new_secret(plan={"setSecret": {"fail": 3}})
        failed = self.rotated(arn)

        message = self.refused("InvalidRequestException", self.rotate, arn)

        self.assertEqual(message, IN_PROGRESS)
        again = bed.settled(arn)[-1]
        self.assertEqual((again["outcome"], again["version"]), ("Succeeded", failed["version"]))

    def test_two_rotations_at_once_are_refused(self):
        arn = self.new_secret()
        self.rotate(arn)

        self.assertEqual(self.refused("InvalidRequestException", self.rotate, arn), IN_PROGRESS)
        self.assertEqual([run["outcome"] for run in bed.settled(arn)], ["Succeeded"])

    def test_the_same_request_again_is_the_same_rotation(self):
        arn, version = self.new_secret(), token()

        answers = [self.rotate(arn, ClientRequestToken=version)["VersionId"] for _ in range(2)]

        self.assertEqual(answers, [version, version])
        self.assertEqual(len(bed.settled(arn)), 1)

    def test_pending_that_somebody_left_on_a_version_blocks_until_it_is_taken_away(self):
        arn = self.new_secret()
        stray = self.put(arn, "stray", VersionStages=["AWSPENDING"])

        self.refused("InvalidRequestException", self.rotate, arn)
        self.move(arn, "AWSPENDING", away_from=stray)
        self.assertEqual(self.rotated(arn)["outcome"], "Succeeded")

    def test_a_function_may_take_pending_away_at_the_end(self):
        arn = self.new_secret(plan={"finishSecret": {"pending": True}})

        self.assertEqual(self.rotated(arn)["outcome"], "Succeeded")
        self.assertEqual(set(self.labels(arn)), {"AWSCURRENT", "AWSPREVIOUS"})

    def test_a_function_that_leaves_pending_on_a_version_that_is_not_current_has_failed(self):
        arn = self.new_secret(plan={"finishSecret": {"skip": True}})

        self.assertEqual(self.rotated(arn)["outcome"], "Failed")

    def test_a_function_that_took_pending_away_and_failed_is_not_called_again(self):
        arn = self.new_secret(plan={"finishSecret": {"fail": 99}})
        self.rotate(arn)
        while not any(taken["step"] == "createSecret" for run in bed.rotations(arn) for taken in run["steps"][1:]):
            if pending := self.labels(arn).get("AWSPENDING"):
                self.move(arn, "AWSPENDING", away_from=pending)
            if bed.rotations(arn)[-1]["outcome"] != "InProgress":
                break

        run = bed.settled(arn)[-1]
        self.assertEqual(run["outcome"], "Failed")
        self.assertEqual(steps(run), STEPS)

    def test_a_value_made_current_by_hand_abandons_the_rotation(self):
        arn = self.new_secret(plan={"testSecret": {"fail": 99}})
        self.rotate(arn)
        mine = self.put(arn, "mine")

        self.assertEqual(bed.settled(arn)[-1]["outcome"], "Abandoned")
        self.assertEqual(self.labels(arn)["AWSCURRENT"], mine)

    def test_the_function_must_let_secrets_manager_invoke_it(self):
        name = f"foreign-{token()}"
        closed = bed.new_function(name, bed.role(name, bed.allow("logs:*")))
        arn = self.new_secret()

        message = self.refused("AccessDeniedException", self.rotate, arn, RotationLambdaARN=closed)
        self.assertIn("secretsmanager.amazonaws.com", message)
        bed.aws("lambda").add_permission(
            FunctionName=name, StatementId="other", Action="lambda:InvokeFunction",
            Principal="secretsmanager.amazonaws.com", SourceAccount="444455556666",
        )
        self.refused("AccessDeniedException", self.rotate, arn, RotationLambdaARN=closed)
        self.refused("ResourceNotFoundException", self.rotate, arn, RotationLambdaARN=closed + "-gone")
        self.assertNotIn("RotationEnabled", self.secrets.describe_secret(SecretId=arn))

    def test_a_function_that_no_longer_lets_itself_be_invoked_fails_the_rotation(self):
        name = f"closing-{token()}"
        function = bed.new_function(name, bed.role(name, bed.allow("secretsmanager:*", "logs:*")))
        bed.aws("lambda").add_permission(
            FunctionName=name, StatementId="rotation", Action="lambda:InvokeFunction",
            Principal="secretsmanager.amazonaws.com", SourceAccount=function.split(":")[4],
        )
        arn = self.new_secret()
        self.assertEqual(self.rotated(arn, RotationLambdaARN=function)["outcome"], "Succeeded")
        bed.aws("lambda").remove_permission(FunctionName=name, StatementId="rotation")

        ended = self.lab("rotate-due", arn)

        self.assertEqual(ended.returncode, 1, ended.stderr)
        (run,) = [json.loads(line) for line in ended.stdout.splitlines()]
        self.assertIn("secretsmanager.amazonaws.com", run["steps"][0]["error"])

    def test_a_rotation_needs_a_function(self):
        self.refused("InvalidRequestException", self.secrets.rotate_secret, SecretId=self.new_secret())

    def test_without_rotating_immediately_only_the_test_step_runs_and_leaves_nothing(self):
        arn = self.new_secret()
        before = self.labels(arn)

        run = self.rotated(arn, RotateImmediately=False)

        self.assertEqual((run["test"], run["outcome"], steps(run)), (True, "Succeeded", ["testSecret"]))
        self.assertEqual(self.labels(arn), before)
        self.assertTrue(self.secrets.describe_secret(SecretId=arn)["RotationEnabled"])

    def test_cancelling_leaves_the_labels_and_names_the_unfinished_version(self):
        arn = self.new_secret(plan={"setSecret": {"fail": 99}})
        version = self.rotate(arn)["VersionId"]

        cancelled = self.secrets.cancel_rotate_secret(SecretId=arn)

        self.assertEqual(cancelled["VersionId"], version)
        self.assertEqual(bed.settled(arn)[-1]["outcome"], "Cancelled")
        described = self.secrets.describe_secret(SecretId=arn)
        self.assertFalse(described["RotationEnabled"])
        self.assertNotIn("NextRotationDate", described)
        self.assertEqual(self.labels(arn)["AWSPENDING"], version)

    def test_the_rotation_token_is_taken_during_the_rotation_only_and_written_down_nowhere(self):
        arn = self.new_secret()

        self.assertEqual(self.rotated(arn)["outcome"], "Succeeded")  # the function passes it to PutSecretValue
        calls = [json.loads(line) for line in paths.CALLS.read_text().splitlines()]
        sent = [call["parameters"] for call in calls if call["parameters"].get("SecretId") == arn]
        hidden = [parameters["RotationToken"] for parameters in sent if "RotationToken" in parameters]
        self.assertEqual(hidden, ["HIDDEN_DUE_TO_SECURITY_REASONS"])
        self.assertNotIn("token", bed.rotations(arn)[-1])


class Events(SecretCase):
    def setUp(self):
        super().setUp()
        name = f"rotation-{token()}"
        self.queue = bed.aws("sqs").create_queue(QueueName=name)["QueueUrl"]
        arn = bed.aws("sqs").get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sender = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
        policy = bed.document(sender | {"Resource": arn})
        bed.aws("sqs").set_queue_attributes(QueueUrl=self.queue, Attributes={"Policy": policy})
        pattern = {"source": ["aws.secretsmanager"], "detail-type": ["AWS Service Event via CloudTrail"]}
        bed.aws("events").put_rule(Name=name, EventPattern=json.dumps(pattern))
        bed.aws("events").put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
        self.addCleanup(bed.aws("events").delete_rule, Name=name)
        self.addCleanup(bed.aws("events").remove_targets, Rule=name, Ids=["queue"])

    def heard(self, arn, count):
        """The names of the first events about the secret, in the order of the alphabet: deliveries overtake each other."""
        names = []
        for _ in range(50):
            asked = {"QueueUrl": self.queue, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 1}
            for message in bed.aws("sqs").receive_message(**asked).get("Messages", []):
                detail = json.loads(message["Body"])["detail"]
                if detail["additionalEventData"] == {"SecretId": arn}:
                    names.append(detail["eventName"])
            if len(names) >= count:
                return sorted(names)
        self.fail(f"only {names}")

    def test_a_rotation_that_failed_once_tells_each_start_its_failure_and_its_success(self):
        arn = self.new_secret(plan={"setSecret": {"fail": 1}})

        self.rotated(arn)

        expected = ["RotationFailed", "RotationStarted", "RotationStarted", "RotationSucceeded"]
        self.assertEqual(self.heard(arn, len(expected)), expected)

    def test_a_test_and_an_abandoned_rotation_are_told_too(self):
        arn = self.new_secret()
        self.rotated(arn, RotateImmediately=False)
        self.put(arn, "stray", VersionStages=["AWSPENDING"])
        self.put(arn, "mine")

        expected = ["RotationAbandoned", "TestRotationStarted", "TestRotationSucceeded"]
        self.assertEqual(self.heard(arn, len(expected)), expected)


class Schedule(LabCase):
    def dates(self, arn):
        described = self.secrets.describe_secret(SecretId=arn)
        return described.get("LastRotatedDate"), described.get("NextRotationDate")

    def test_the_next_date_follows_the_last_rotation(self):
        arn = self.new_secret()
        self.rotated(arn)

        last, following = self.dates(arn)
        self.assertEqual((following.date() - last.date()).days, 30)

    def test_a_rate_in_days_is_shown_as_days_too(self):
        arn = self.new_secret()
        self.rotated(arn, RotationRules={"ScheduleExpression": "rate(7 days)", "Duration": "3h"})

        rules = self.secrets.describe_secret(SecretId=arn)["RotationRules"]
        self.assertEqual((rules["AutomaticallyAfterDays"], rules["Duration"]), (7, "3h"))

    def test_a_failed_rotation_has_no_date_and_does_not_move_the_next_one(self):
        arn = self.new_secret(plan={"setSecret": {"fail": 99}})
        self.rotated(arn)

        last, following = self.dates(arn)
        self.assertIsNone(last)
        self.assertIsNotNone(following)

    def test_rules_that_aws_refuses_are_refused(self):
        arn = self.new_secret()
        for rules in (
            {"AutomaticallyAfterDays": 30, "ScheduleExpression": "rate(30 days)"},
            {"ScheduleExpression": "rate(3 hours)"},
            {"ScheduleExpression": "cron(0 8 1 * *)"},
        ):
            self.refused("InvalidParameterException", self.rotate, arn, RotationRules=rules)
        for rules in {"AutomaticallyAfterDays": 1001}, {"AutomaticallyAfterDays": 30, "Duration": "long"}:
            self.refused("ValidationException", self.rotate, arn, RotationRules=rules)

    def test_the_command_rotates_what_the_schedule_would_and_takes_up_what_was_not_finished(self):
        due, failing, never = self.new_secret(), self.new_secret(plan={"setSecret": {"fail": 4}}), self.new_secret()
        for arn in due, failing:
            self.rotated(arn)

        code, found = self.rotate_due(failing)

        self.assertEqual((code, found[0]["outcome"]), (0, "Succeeded"))
        self.assertEqual({run["version"] for run in bed.rotations(failing)}, {found[0]["version"]})
        code, found = self.rotate_due("--in-days", "31")
        self.assertIn(due, [run["secret"] for run in found])
        code, found = self.rotate_due("--in-days", "29")
        self.assertNotIn(due, [run["secret"] for run in found])
        self.assertEqual(self.rotate_due(never)[0], 1)

    def test_a_listed_secret_tells_of_its_rotation(self):
        arn = self.new_secret()
        self.rotated(arn)

        found = self.secrets.list_secrets(Filters=[{"Key": "name", "Values": [arn.split(":")[-1][:-7]]}])
        (listed,) = found["SecretList"]

        described = self.secrets.describe_secret(SecretId=arn)
        for name in ("RotationEnabled", "RotationLambdaARN", "RotationRules", "LastRotatedDate", "NextRotationDate"):
            self.assertEqual(listed[name], described[name], name)

    def test_a_secret_that_has_aged_is_overdue(self):
        arn = self.new_secret()
        self.rotated(arn)
        last, following = self.dates(arn)

        self.lab("age-secret", arn, "36")

        self.assertEqual([(now - then).days for now, then in zip((last, following), self.dates(arn), strict=True)], [36, 36])

    def rotate_due(self, *arguments):
        ended = self.lab("rotate-due", *arguments)
        return ended.returncode, [json.loads(line) for line in ended.stdout.splitlines()]

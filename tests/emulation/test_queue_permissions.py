import unittest

from emulation import bed
from emulation.bed import allow, aws, refused, token


class QueuePermissions(unittest.TestCase):
    def setUp(self):
        self.queue = aws("sqs").create_queue(QueueName=f"test-{token()}")["QueueUrl"]
        self.entry = {"Id": "1", "MessageBody": "x"}

    def test_a_batch_needs_the_permission_of_the_single_action(self):
        sender = bed.as_user("sqs", allow("sqs:SendMessage", "sqs:ReceiveMessage"))
        sender.send_message_batch(QueueUrl=self.queue, Entries=[self.entry])

        (message,) = sender.receive_message(QueueUrl=self.queue)["Messages"]
        held = {"Id": "1", "ReceiptHandle": message["ReceiptHandle"]}
        refused(self, "AccessDeniedException", sender.delete_message_batch, QueueUrl=self.queue, Entries=[held])
        bed.as_user("sqs", allow("sqs:DeleteMessage")).delete_message_batch(QueueUrl=self.queue, Entries=[held])

    def test_there_is_no_permission_for_a_batch(self):
        sender = bed.as_user("sqs", allow("sqs:SendMessageBatch"))
        refused(self, "AccessDeniedException", sender.send_message_batch, QueueUrl=self.queue, Entries=[self.entry])

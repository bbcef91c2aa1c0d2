"""The private names of ministack that the lab relies on, each asserted at start.

ministack has no plugin interface; it is pinned by hash, and a name that moved must stop the lab with one clear message
instead of silently losing a rule.
"""

import importlib
import importlib.metadata
import inspect

VERSION = "1.5.33"

# module -> {name: the parameters a function must have, or the type a value must have}
REQUIRED = {
    "ministack.app": {
        "app": ["scope", "receive", "send"],
        "SERVICE_HANDLERS": dict,
        "SERVICE_REGISTRY": dict,
        "AUTH": bool,
        "_dispatch_service_request": ["method", "path", "headers", "body", "query_params", "request_id"],
        "_reset_all_state": [],
        "_maybe_record_cloudtrail": None,
        "_build_persistence_save_dict": [],
        "_state_map": dict,
        "_get_module": ["name"],
        "_routing_params": ["method", "path", "headers", "body", "query_params"],
    },
    "ministack.core.router": {
        "SERVICE_PATTERNS": dict,
        "detect_service": ["method", "path", "headers", "query_params"],
        "extract_access_key_id": ["headers", "query_params"],
        "extract_region": None,
    },
    "ministack.core.iam_actions": {
        "SERVICE_TO_IAM_NAMESPACE": dict,
        "_BOTOCORE_SERVICE_MAP": dict,
        "_lambda_action": ["method", "path"],
        "extract_iam_action": ["service", "method", "path", "headers", "body", "query_params"],
        "extract_resource_arn": ["service", "method", "path", "headers", "body", "query_params", "region"],
        "request_tag_context": ["service", "iam_action", "body", "params"],
        "access_denied_response": ["service", "action", "principal_arn", "request_id"],
        "identity_denial_message": ["action", "principal_arn", "resource", "explicit_deny"],
    },
    "ministack.core.iam_evaluator": {
        "enforce": ["access_key_id", "iam_action", "service", "region", "resource_arn", "service_context"],
        "resolve_credential": ["access_key_id", "account_id"],
        "evaluate": ["ctx"],
        "evaluate_resource_policy": ["doc", "ctx", "service"],
        "AuthError": type,
        "CredentialResolutionError": type,
        "EvalContext": type,
        "_gather_role_policies": ["role_name", "account_id"],
        "_conditions_met": ["conditions", "ctx"],
        "_resolve_condition_key": ["key", "ctx"],
        "_account_from_arn": ["arn"],
        "resource_policy_allows": ["raw_policy", "ctx", "same_account"],
    },
    "ministack.core.responses": {"request_scope": ["account_id", "region"]},
    "ministack.services.eventbridge": {
        "_event_from_test_payload": ["event_obj"],
        "_dispatch_event": ["event"],
        "_archive_event": ["event"],
        "_events_log_list": [],
        "_invoke_target": ["target", "event", "rule"],
        "_dispatch_to_stepfunctions": ["arn", "payload"],
        "_dispatch_to_sqs": ["spec", "payload"],
        "_dispatch_to_lambda": ["arn", "payload"],
        "_dispatch_to_sns": ["arn", "payload"],
        "_dispatch_to_event_bus": ["spec", "event", "rule", "event_path", "target_input_payload"],
        "_target_matches_request_scope": ["spec"],
        "_pattern_event_view": ["event"],
        "_ensure_default_bus": [],
        "_put_permission": ["data"],
        "_remove_permission": ["data"],
        "_event_buses": None,
        "_event_bus_policies": None,
        "_parse_cron_fields": ["expr"],
        "_cron_next_fire": ["fields", "after_dt"],
    },
    "ministack.services.stepfunctions": {
        "_state_machines": None,
        "_executions": None,
        "_start_execution": ["data"],
        "_run_execution": ["exec_arn"],
        "_execute_task": ["state_def", "raw_input", "execution", "ctx"],
        "_invoke_resource": ["resource", "input_data"],
        "_invoke_with_callback": ["resource", "input_data", "token", "state_def"],
        "_jsonata_state_field": ["state_def", "field", "expected", "raw_input", "ctx"],
        "_task_tokens": None,
        "_execute_parallel": ["state_def", "raw_input", "execution", "ctx"],
        "_execute_map": ["state_def", "raw_input", "execution", "ctx"],
        "_execute_pass": ["state_def", "raw_input", "ctx"],
        "_execute_choice": ["state_def", "raw_input", "ctx"],
        "_execute_wait": ["state_def", "raw_input", "ctx"],
        "_fail_state_error": ["state_def", "raw_input", "ctx"],
        "_apply_input_path": ["state_def", "data", "ctx"],
        "_apply_output_path": ["state_def", "data", "ctx"],
        "_describe_execution": ["data"],
        "_list_executions": ["data"],
        "_iso_to_epoch_ms": ["iso"],
        "now_iso": [],
        "_find_matching_retrier": ["retriers", "error", "retry_counts"],
        "_error_matches": ["error_equals", "error"],
        "_resolve_state_machine_arn": ["arn"],
        "_add_event": ["execution", "event_type"],
        "_emit_execution_status_event": ["execution"],
        "_ExecutionError": type,
    },
    "ministack.services.lambda_svc": {
        "_functions": None,
        "_provided_worker_env": ["config", "code_dir", "port"],
        "_sqs_esm_concurrency": ["esm", "func_rec", "config", "queue"],
        "_run_sqs_batch": ["esm", "func_rec", "event", "batch", "queue_url", "queue_name"],
        "_emit_lambda_logs": ["func", "request_id", "log_text", "error", "duration_ms", "log_source"],
        "function_policy_for_arn": ["resource_arn"],
        "_get_func_record_for_ref": ["function_ref"],
        "_execution_record_for_config": ["func", "config"],
        "_vpc_config_with_id": ["request_config"],
        "_execute_function_with_config_scope": ["func", "event"],
        "_emit_lambda_metrics": ["function_name", "duration_ms", "error", "throttle"],
        "invoke_async_with_retry": ["func", "event"],
        "_execute_function": ["func", "event"],
        "_account_region_from_function_config": ["config"],
        "_route_async_failure": ["target_arn", "func_name", "event", "result"],
    },
    "ministack.core.lambda_runtime": {"ProvidedWorker": type},
    "ministack.services.dynamodb": {
        "_tables": None,
        "_extract_key_val": None,
        "_sse_description_from_spec": ["spec"],
        "_table_description": ["name"],
        "_update_continuous_backups": ["data"],
    },
    "ministack.services.secretsmanager": {
        "_secrets": None,
        "_resolve": ["secret_id"],
        "_resource_policies": None,
        "_store_new_secret": ["name"],
        "_purge_secret": ["key", "secret"],
        "_filter_secret_names": ["names", "filters"],
        "_sync_replicas": ["secret"],
        "_get_random_password": ["data"],
        "_emit_secret_label_updated": ["secret", "label", "version_id"],
    },
    "ministack.services.kms": {"_resolve_key": ["key_id_or_arn"]},
    "ministack.services.ssm": {"_parameters": None, "_put_parameter": ["data"]},
    "ministack.services.sns": {
        "_subscribe": ["params"],
        "_deliver_to_sqs": ["endpoint", "envelope", "raw", "raw_message"],
        "_list_subscriptions_by_topic": ["params"],
        "_refresh_subscription_counts": ["topic"],
        "_fanout": ["topic_arn", "msg_id", "message", "subject"],
        "_topic_by_arn_any_scope": ["topic_arn"],
        "topic_policy_allows": ["topic_arn", "service", "source_arn", "source_account"],
        "_resolve_message_for_protocol": ["message", "message_structure", "protocol"],
        "_matches_filter_policy": ["sub", "message_attributes", "message"],
        "publish_internal": ["topic_arn", "message", "subject"],
        "SnsPublishError": type,
    },
    "ministack.services.cloudwatch": {
        "_alarms": None,
        "_metrics": None,
        "_evaluate_alarm": ["alarm"],
        "_dispatch_alarm_actions": ["alarm", "old_state", "new_state", "reason"],
        "_record_history": ["alarm_name", "old_state", "new_state", "reason"],
        "_calc_stats": ["points"],
        "_stat_value": ["stats", "stat_name", "points"],
        "_dims_key": ["dims"],
        "_dims_from_list": ["dimensions"],
        "record_metric": ["namespace", "metric_name", "value", "unit", "dimensions"],
    },
    "ministack.services.sqs": {
        "_queues": None,
        "_dlq_sweep": ["q"],
        "_refresh_counts": ["q"],
        "_queue_by_arn": ["arn"],
        "_act_send_message": ["data", "qurl"],
        "_delete_messages_for_esm": ["queue_url", "receipt_handles"],
        "queue_policy_allows": ["queue_arn", "service", "source_arn", "source_account"],
    },
    "ministack.services.ec2": {"_instances": None, "_tags": None},
    "ministack.services.cloudtrail": {
        "_trails": None,
        "_create_trail": ["body"],
        "_start_logging": ["body"],
        "_account_trail_items": None,
    },
    "ministack.services.cloudwatch_logs": {
        "_log_groups": None,
        "_resource_policies": None,
        "_log_group_policies": None,
        "_create_log_group": ["data"],
        "_create_log_stream": ["data"],
        "_put_log_events": ["data"],
        "_put_resource_policy": ["data"],
        "_put_subscription_filter": ["data"],
        "_fanout_to_subscription_filters": ["group_name", "stream_name", "events"],
    },
    "ministack.services.iam": {"_roles": None},
    "ministack.services.organizations": {"_orgs": None, "_ensure_org": []},
    **{
        f"ministack.services.cloudformation.{module}": {"_evaluate_conditions": ["template", "params"]}
        for module in ("changesets", "engine", "handlers", "stacks")
    },
    "ministack.services.cloudformation.provisioners": {
        "_RESOURCE_HANDLERS": dict,
        "_physical_name": ["stack_name", "logical_id"],
    },
}


def verify():
    """Stop with one message naming everything that is not as expected."""
    found = importlib.metadata.version("ministack")
    wrong = [] if found == VERSION else [f"version {found} is installed, {VERSION} is expected"]
    for module_name, names in REQUIRED.items():
        module = importlib.import_module(module_name)
        for name, expected in names.items():
            wrong += _mismatch(module, module_name, name, expected)
    if wrong:
        raise SystemExit("ministack is not as the lab expects it; see tests/lab/aws/hooks.py:\n  " + "\n  ".join(wrong))


def _mismatch(module, module_name, name, expected):
    if not hasattr(module, name):
        return [f"{module_name}.{name} is missing"]
    value = getattr(module, name)
    if isinstance(expected, type) and not isinstance(value, expected):
        return [f"{module_name}.{name} is a {type(value).__name__}, expected {expected.__name__}"]
    if isinstance(expected, list):
        parameters = list(inspect.signature(value).parameters)
        if parameters[: len(expected)] != expected:
            return [f"{module_name}.{name}({', '.join(parameters)}) should take ({', '.join(expected)})"]
    return []

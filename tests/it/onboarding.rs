//! Onboarding: optional as a whole, started by the directory's own log, and what one function gives another one takes.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::template::{allowing, items, needs, properties, read, resources, target, template};

/// The beginnings of the names of what onboarding consists of.
const OURS: [&str; 11] = [
    "AdEventStarter",
    "DirectoryLog",
    "Leaver",
    "Offboard",
    "Onboard",
    "RecordRefused",
    "RecordUndecodable",
    "Start",
    "UserOffboarder",
    "UserProvisioner",
    "UserTable",
];

#[test]
fn without_a_log_group_the_stack_has_nothing_of_onboarding() {
    let template = template();
    let empty = json!([{"Fn::Equals": [{"Ref": "DirectoryLogGroupName"}, ""]}]);
    assert_eq!(template["Conditions"]["Onboard"]["Fn::Not"], empty);
    assert_eq!(template["Parameters"]["DirectoryLogGroupName"]["Default"], "");
    let mut optional = 0;
    for (id, resource) in template["Resources"].as_object().unwrap() {
        let ours = OURS.iter().any(|name| id.starts_with(name));
        let condition = resource["Condition"].as_str();
        let with_onboarding = condition.is_some_and(|name| needs(&template, name, "Onboard"));
        assert_eq!(ours, with_onboarding, "{id}: {condition:?}");
        optional += usize::from(with_onboarding);
    }
    assert!(optional > 40, "{optional}");
}

#[test]
fn a_log_group_is_refused_without_a_domain_and_without_anything_to_give() {
    let rules = &template()["Rules"];
    for (rule, turns_on, asked) in [
        (
            "OnboardingIsToldItsDomain",
            "DirectoryLogGroupName",
            vec!["DirectoryDomainName", "DirectoryNetbiosName", "WorkspacesBundleId", "ConnectInstanceId"],
        ),
        (
            "ConnectIsToldItsProfiles",
            "ConnectInstanceId",
            vec!["ConnectRoutingProfileId", "ConnectSecurityProfileId"],
        ),
    ] {
        let given = json!({"Fn::Not": [{"Fn::Equals": [{"Ref": turns_on}, ""]}]});
        assert_eq!(rules[rule]["RuleCondition"], given, "{rule}");
        let asserted = rules[rule]["Assertions"].to_string();
        for parameter in asked {
            assert!(asserted.contains(parameter), "{rule}: {parameter}");
        }
    }
}

/// Whether a filter pattern of `?"term"`s lets a record through.
fn lets_through(pattern: &str, record: &str) -> bool {
    pattern
        .split(" ?")
        .map(|term| term.trim_start_matches('?').trim_matches('"'))
        .any(|term| record.contains(term))
}

#[test]
fn the_filter_lets_the_four_events_through_in_each_spelling_and_no_others() {
    let template = template();
    let filter = properties(&template, "DirectoryLogFilter");
    assert_eq!(target(&filter["LogGroupName"]), "DirectoryLogGroupName");
    let pattern = filter["FilterPattern"].as_str().unwrap();
    for id in [4720, 4722, 4725, 4726] {
        for record in [format!("<EventID>{id}</EventID>"), format!("<EventID Qualifiers='0'>{id}</EventID>")]
        {
            assert!(lets_through(pattern, &record), "{record}");
        }
    }
    for record in
        ["<EventID>4624</EventID>", "<EventRecordID>4720</EventRecordID>", "<EventID>14720</EventID>"]
    {
        assert!(!lets_through(pattern, record), "{record}");
    }
    assert!(pattern.len() <= 1024, "what CloudWatch Logs takes");
}

#[test]
fn only_the_directorys_log_group_calls_the_starter() {
    let template = template();
    let permissions: Vec<_> = resources(&template, "AWS::Lambda::Permission")
        .into_iter()
        .filter(|(_, permission)| target(&permission["FunctionName"]) == "AdEventStarterFunction")
        .collect();
    let [(name, permission)] = permissions[..] else { panic!("one permission, not {}", permissions.len()) };
    assert_eq!(permission["Principal"], "logs.amazonaws.com");
    assert_eq!(target(&permission["SourceAccount"]), "AWS::AccountId");
    let source = permission["SourceArn"]["Fn::Sub"].as_str().unwrap();
    assert!(source.ends_with(":log-group:${DirectoryLogGroupName}:*"), "{source}");
    assert_eq!(
        template["Resources"]["DirectoryLogFilter"]["DependsOn"], name,
        "refused without the permission"
    );
}

/// Lambda Developer Guide, "Lambda quotas": 4 KB for all variables of a function.
#[test]
fn the_longest_parameters_leave_room_for_the_other_variables_of_the_function() {
    let template = template();
    let longest = ["AllowedOus", "OnboardingRules", "WorkspacesTags"];
    let length = |parameter: &str| template["Parameters"][parameter]["MaxLength"].as_u64().unwrap();
    let others = 1300;
    assert!(longest.map(length).iter().sum::<u64>() + others <= 4096);
}

fn machine(name: &str) -> Value {
    serde_json::from_str(&read(format!("statemachines/{name}.asl.json"))).unwrap()
}

/// The largest value of a parameter.
fn most(parameter: &str) -> u64 {
    template()["Parameters"][parameter]["MaxValue"].as_u64().unwrap()
}

#[test]
fn no_execution_ends_before_the_longest_wait_that_can_be_configured() {
    let a_day = 86_400;
    let onboard = machine("onboard-user")["TimeoutSeconds"].as_u64().unwrap();
    assert!(onboard >= most("OnboardingWaitSeconds") + a_day, "{onboard}");
    let offboard = machine("offboard-user")["TimeoutSeconds"].as_u64().unwrap();
    assert!(
        offboard >= most("OffboardGraceSeconds") + most("OffboardKeepDays") * a_day + a_day,
        "{offboard}"
    );
}

#[test]
fn what_is_kept_is_kept_for_longer_than_the_grace_period() {
    let least = template()["Parameters"]["OffboardKeepDays"]["MinValue"].as_u64().unwrap();
    let grace = template()["Parameters"]["OffboardGraceSeconds"]["Default"].as_u64().unwrap();
    assert!(least * 86_400 > grace);
}

/// The steps that a machine asks its function for.
fn steps(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("step").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| steps(member, found));
        }
        Value::Array(values) => values.iter().for_each(|value| steps(value, found)),
        _ => {}
    }
}

#[test]
fn each_machine_asks_for_its_own_steps_of_one_function() {
    for (name, function, expected) in [
        (
            "onboard-user",
            "${ProvisionerFunctionArn}",
            vec!["abandon", "create", "look-up", "note-failure", "report", "restore", "status"],
        ),
        (
            "offboard-user",
            "${OffboarderFunctionArn}",
            vec!["abandon", "begin", "leave-groups", "note-failure", "suspend", "tell", "terminate"],
        ),
    ] {
        let definition = machine(name);
        let mut asked = BTreeSet::new();
        steps(&definition, &mut asked);
        assert_eq!(asked.iter().map(String::as_str).collect::<Vec<_>>(), expected, "{name}");
        let text = definition.to_string();
        assert_eq!(text.matches("\"FunctionName\"").count(), text.matches(function).count(), "{name}");
    }
}

#[test]
fn each_service_by_itself_is_worked_on_and_fails() {
    let (onboard, offboard) = (machine("onboard-user"), machine("offboard-user"));
    for (map, definition) in [
        ("Make the accounts", &onboard),
        ("Suspend the accounts", &offboard),
        ("Remove what is kept", &offboard),
    ] {
        let state = &definition["States"][map];
        assert_eq!((&state["Type"], &state["Items"]), (&json!("Map"), &json!("{% $services %}")), "{map}");
        for tolerance in ["ToleratedFailureCount", "ToleratedFailurePercentage"] {
            assert!(state.get(tolerance).is_none(), "{map}: a failure is a result, not a number");
        }
    }
}

#[test]
fn whoever_leaves_is_looked_up_in_the_decisions_and_nothing_is_written_there() {
    let template = template();
    let tables = |action: &str| -> Vec<&str> {
        let allowed = allowing(&template, "UserOffboarderRole", action).into_iter();
        allowed.flat_map(|statement| items(&statement["Resource"])).map(target).collect()
    };
    assert_eq!(tables("dynamodb:GetItem"), ["UserTable", "DecisionTable"]);
    assert_eq!(tables("dynamodb:PutItem"), ["UserTable"]);
}

/// The resources that a role may do something to, without what they all begin with.
fn reach(role: &str, action: &str) -> Vec<String> {
    let template = template();
    let allowed = allowing(&template, role, action).into_iter();
    let resources = allowed.flat_map(|statement| items(&statement["Resource"]));
    resources
        .map(|resource| match resource["Fn::Sub"].as_str() {
            Some(arn) => arn.rsplit("${AWS::AccountId}:").next().unwrap().to_owned(),
            None => target(resource).to_owned(),
        })
        .collect()
}

#[test]
fn accounts_are_made_in_the_one_directory_and_instance_with_named_bundles_and_profiles() {
    assert_eq!(
        reach("UserProvisionerRole", "workspaces:CreateWorkspaces"),
        [
            "directory/${DirectoryId}",
            "workspacebundle/${WorkspacesBundleId}",
            "workspace/*",
            "OtherBundleArns"
        ]
    );
    assert_eq!(
        reach("UserProvisionerRole", "connect:CreateUser"),
        [
            "instance/${ConnectInstanceId}/agent/*",
            "instance/${ConnectInstanceId}/routing-profile/${ConnectRoutingProfileId}",
            "instance/${ConnectInstanceId}/security-profile/${ConnectSecurityProfileId}",
            "OtherConnectProfileArns",
        ]
    );
    assert_eq!(reach("UserOffboarderRole", "connect:DeleteUser"), ["instance/${ConnectInstanceId}/agent/*"]);
    assert_eq!(reach("UserOffboarderRole", "workspaces:TerminateWorkspaces"), ["workspace/*"]);
}

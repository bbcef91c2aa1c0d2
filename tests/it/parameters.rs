//! Parameters: documented, grouped, and checked before anything is deployed.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::Value;

use crate::template::{items, template, template_at};

/// The templates whose parameters people give.
fn templates() -> [Value; 2] {
    [template(), template_at("stacks/member.yaml")]
}

fn parameters(template: &Value) -> impl Iterator<Item = (&String, &Value)> {
    template["Parameters"].as_object().unwrap().iter()
}

/// Whether a deployment takes the value: a pattern applies to each item of a list.
fn accepts(template: &Value, parameter: &str, value: &str) -> bool {
    let parameter = &template["Parameters"][parameter];
    let pattern = Regex::new(parameter["AllowedPattern"].as_str().unwrap()).unwrap();
    match parameter["Type"].as_str().unwrap() {
        "CommaDelimitedList" => value.split(',').all(|item| pattern.is_match(item)),
        _ => pattern.is_match(value),
    }
}

fn check(parameter: &str, accepted: &[&str], refused: &[&str]) {
    let template = template();
    for value in accepted {
        assert!(accepts(&template, parameter, value), "{parameter} refuses {value:?}");
    }
    for value in refused {
        assert!(!accepts(&template, parameter, value), "{parameter} accepts {value:?}");
    }
}

#[test]
fn every_parameter_is_described_and_limited() {
    for (name, parameter) in templates().iter().flat_map(parameters) {
        assert!(
            parameter["Description"].as_str().is_some_and(|text| text.ends_with('.')),
            "{name}: Description"
        );
        let limited = ["AllowedPattern", "AllowedValues"].iter().any(|key| parameter.get(key).is_some())
            || (parameter.get("MinValue").is_some() && parameter.get("MaxValue").is_some());
        assert!(limited, "{name} takes any value");
        if parameter.get("AllowedPattern").is_some() {
            assert!(parameter.get("ConstraintDescription").is_some(), "{name}: ConstraintDescription");
        }
    }
}

#[test]
fn every_default_is_allowed() {
    let templates = templates();
    for (template, (name, parameter)) in
        templates.iter().flat_map(|template| parameters(template).map(move |parameter| (template, parameter)))
    {
        let Some(default) = parameter.get("Default") else { continue };
        if parameter.get("AllowedPattern").is_some() {
            assert!(accepts(template, name, default.as_str().unwrap()), "{name}");
        } else if let Some(allowed) = parameter.get("AllowedValues") {
            assert!(items(allowed).contains(&default), "{name}");
        } else {
            let range = parameter["MinValue"].as_i64().unwrap()..=parameter["MaxValue"].as_i64().unwrap();
            assert!(range.contains(&default.as_i64().unwrap()), "{name}");
        }
    }
}

#[test]
fn every_parameter_is_in_one_group() {
    for template in templates() {
        let groups = &template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"];
        let grouped: Vec<&str> = items(groups)
            .iter()
            .flat_map(|group| items(&group["Parameters"]))
            .map(|id| id.as_str().unwrap())
            .collect();
        let names: BTreeSet<&str> = parameters(&template).map(|(name, _)| name.as_str()).collect();
        assert_eq!(grouped.len(), names.len());
        assert_eq!(grouped.into_iter().collect::<BTreeSet<_>>(), names);
    }
}

#[test]
fn a_first_deployment_only_observes() {
    assert_eq!(template()["Parameters"]["Mode"]["Default"], "observe");
}

#[test]
fn directory_ids_are_those_of_the_service() {
    check(
        "DirectoryId",
        &["d-9067012345", "d-90670abcde"],
        &["", "d-123", "D-9067012345", "d-9067012345\nd-9067012345"],
    );
}

#[test]
fn e_mail_addresses_have_one_at_sign_and_a_domain() {
    let refused = ["", "someone", "a@b", "a@b.example\nBcc: c@d.example", "a b@c.example", "a@@b.example"];
    check("NotificationEmail", &["soc@example.test", "first.last+ad@mail.example.test"], &refused);
}

#[test]
fn finding_types_are_runtime_findings() {
    let accepted = [
        "*:Runtime/*",
        "Backdoor:Runtime/C&CActivity.B!DNS",
        "Backdoor:Runtime/*,Execution:Runtime/NewBinaryExecuted",
    ];
    check("FindingTypes", &accepted, &["", "*", "Recon:IAMUser/TorIPCaller", "*:Runtime/*,", "*:Runtime/* "]);
}

#[test]
fn protected_users_are_account_names() {
    let refused = ["", "Admin,", "CORP\\Admin", "admin@corp.example.test", "a name", "twenty-one-characters"];
    check("ProtectedUsers", &["Admin,Administrator,krbtgt,Guest", "svc_backup"], &refused);
}

#[test]
fn a_protected_group_is_one_account_name() {
    let refused = ["", " ", "Group ", "CN=Admins,DC=corp", "a*"];
    check("ProtectedGroup", &["AWS Delegated Administrators", "Admins"], &refused);
}

#[test]
fn a_network_is_named_by_ids_or_not_at_all() {
    check("RotationVpcId", &["", "vpc-0123456789abcdef0"], &["vpc-", "my-vpc", "vpc-0123456789abcdef0,"]);
    let subnets = ["", "subnet-01234567", "subnet-01234567,subnet-0123456789abcdef0"];
    check("RotationSubnetIds", &subnets, &["subnet-01234567, subnet-01234567", "vpc-01234567"]);
    check("DirectorySecurityGroupId", &["", "sg-0123456789abcdef0"], &["d-9067012345_controllers"]);
    check("RotationHttpsCidr", &["0.0.0.0/0", "10.0.0.0/16"], &["", "10.0.0.1", "::/0"]);
    check("SimpleDirectorySecurityGroupId", &["", "sg-01234567"], &["sg"]);
    check("SimpleDirectoryId", &["", "d-9067012345"], &["d-123"]);
}

#[test]
fn secrets_are_named_by_whole_arns_and_only_further_ones_by_a_beginning() {
    let whole = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:team/join-AbCdEf";
    let seamless = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:aws/directory-services/d-9067012345/seamless-domain-join-AbCdEf";
    let beginning = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:team/*";
    check("RotatedSecretArn", &["", whole, seamless], &[beginning, "*", "team/join"]);
    let everything = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:*";
    let several = format!("{whole},{beginning}");
    check(
        "OtherSecretArns",
        &["", whole, beginning, &several],
        &["*", everything, "arn:aws:secretsmanager:*"],
    );
    let key = "arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012";
    check("SecretKeyArns", &["", key], &["*", "alias/key", "arn:aws:kms:eu-west-1:111122223333:key/*"]);
}

#[test]
fn a_lockout_threshold_leaves_room_for_testing_or_is_none() {
    check("LockoutThreshold", &["0", "3", "5", "999"], &["", "1", "2", "1000", "-1", "05"]);
}

#[test]
fn excluded_characters_are_printable() {
    check("ExcludedCharacters", &["", "/@\"'\\", "0OIl1"], &[" ", "\u{e4}", "a\nb"]);
}

#[test]
fn a_domain_is_named_by_dns_and_netbios_or_not_at_all() {
    check(
        "DirectoryLogGroupName",
        &["", "/aws/directoryservice/d-9067012345"],
        &["a group", "group:*", "group*"],
    );
    check(
        "DirectoryDomainName",
        &["", "corp.example.test"],
        &["corp", "corp.example.test.", "*.test", "-a.test"],
    );
    check("DirectoryNetbiosName", &["", "CORP"], &["CORP\\", "A-NAME-OF-SIXTEEN", "corp.test"]);
    check("UpnSuffixes", &["", "example.test", "example.test,corp"], &["@example.test", "a.test, b.test"]);
}

#[test]
fn organizational_units_are_distinguished_names_parted_by_semicolons() {
    let one = "OU=Users,OU=corp,DC=corp,DC=example,DC=test";
    let two = format!("{one};OU=Sales,{one}");
    check("AllowedOus", &["", one, &two], &["Users", "CN=Users,DC=corp", ";", &format!("{one};"), "OU=a\"b"]);
}

#[test]
fn rules_are_a_list_and_sources_of_events_are_named_one_by_one() {
    let rules = r#"[{"group": "Engineering", "services": ["workspaces"]},
        {"group": "*", "services": ["connect"]}]"#;
    check("OnboardingRules", &["", "[]", rules], &["{}", "everybody", "[\u{e4}]"]);
    check(
        "OnboardingEventSources",
        &["adsteward.onboarding", "hr.example,it.example"],
        &["", "*", "hr.example,"],
    );
}

#[test]
fn what_users_get_is_named_by_ids_and_further_ones_by_whole_arns() {
    let id = "11111111-2222-3333-4444-555555555555";
    let connect = "arn:aws:connect:eu-west-1:111122223333:instance/11111111-2222-3333-4444-555555555555";
    check("WorkspacesBundleId", &["", "wsb-clj85qzj1"], &["ws-clj85qzj1", "wsb-*"]);
    let bundle = "arn:aws:workspaces:eu-west-1:111122223333:workspacebundle/wsb-clj85qzj1";
    check(
        "OtherBundleArns",
        &["", bundle],
        &["*", "arn:aws:workspaces:eu-west-1:111122223333:workspacebundle/*"],
    );
    for parameter in ["ConnectInstanceId", "ConnectRoutingProfileId", "ConnectSecurityProfileId"] {
        check(parameter, &["", id], &[connect, "*", "agent"]);
    }
    let (routing, security) =
        (format!("{connect}/routing-profile/{id}"), format!("{connect}/security-profile/{id}"));
    let refused = ["*", connect, &format!("{connect}/security-profile/*"), &format!("{connect}/agent/{id}")];
    check("OtherConnectProfileArns", &["", &routing, &format!("{routing},{security}")], &refused);
    check("WorkspacesTags", &["", "{\"Team\": \"HR\"}"], &["Team=HR", "[]", "{\"\u{e4}\": \"HR\"}"]);
}

#[test]
fn computers_are_made_in_an_organizational_unit_under_short_names() {
    let unit = "OU=Computers,OU=corp,DC=corp,DC=example,DC=test";
    let two = format!("{unit};{unit}");
    check("ComputerOu", &["", unit], &["Computers", "CN=Computers,DC=corp", &two, "OU=a\"b"]);
    check("ComputerNamePrefix", &["ec2-", "a", "Prod01"], &["", "1st-", "-a", "seven-7", "a_b", "a."]);
    check("JoinDocumentPrefix", &["adsteward"], &["", "a/b", "a*", "arn:aws:ssm"]);
}

#[test]
fn what_is_read_to_join_is_named_and_only_join_users_by_a_beginning() {
    check(
        "LdapsCaParameterName",
        &["", "/adsteward/ldaps-ca", "/ca"],
        &["ca", "/adsteward/", "/a*", "//", "/a b"],
    );
    check(
        "JoinUserParameterPrefix",
        &["", "/adsteward/join/", "/join/"],
        &["/", "//", "/adsteward/join", "join/", "/*/"],
    );
    let secret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:adsteward/computers-AbCdEf";
    check("ComputerSecretArn", &["", secret], &["*", "adsteward/computers", &format!("{secret}*")]);
    let everything = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:*";
    check("JoinUserSecretArns", &["", secret, &format!("{secret},{secret}*")], &["*", everything]);
}

#[test]
fn a_sweep_comes_by_a_schedule_and_reports_first() {
    let template = template();
    assert_eq!(template["Parameters"]["SweepMode"]["Default"], "report");
    assert_eq!(template["Parameters"]["SweepMode"]["AllowedValues"], serde_json::json!(["report", "repair"]));
    check(
        "SweepSchedule",
        &["cron(17 3 * * ? *)", "rate(1 day)", "cron(0 4 ? * MON-FRI *)"],
        &["", "17 3 * * *", "rate(0 days)", "at(2026-11-21T03:00:00)"],
    );
    let secret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:adsteward/lister-AbCdEf";
    check("SweepSecretArn", &["", secret], &["*", "adsteward/lister", &format!("{secret}*")]);
}

#[test]
fn other_accounts_are_those_of_one_organization_by_one_role() {
    check(
        "OrganizationId",
        &["", "o-a1b2c3d4e5"],
        &["*", "o-", "O-A1B2C3D4E5", "r-a1b2", "o-a1b2c3d4e5,o-a1b2c3d4e6"],
    );
    check("GuardDutyAdministratorAccount", &["", "333344445555"], &["*", "33334444555", "o-a1b2c3d4e5"]);
    check(
        "MemberRoleName",
        &["adsteward-member"],
        &["", "*", "path/role", "arn:aws:iam::111122223333:role/a"],
    );
    check("DynamoDBTableName", &["adsteward-accounts"], &["", "ab", "a table", "table/*"]);
    check("JoinSecurityGroupId", &["", "sg-0123456789abcdef0"], &["sg"]);
}

#[test]
fn trusted_domains_are_named_by_whole_arns_of_their_secrets() {
    let one = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:adsteward/trusted/partner-AbCdEf";
    let two = format!("{one},{one}");
    check(
        "TrustedForestSecretArns",
        &["", one, &two],
        &["*", "adsteward/trusted/partner", &format!("{one}*")],
    );
    check("TrustedProtectedGroup", &["Domain Admins"], &["", " ", "CN=Admins,DC=corp", "a*"]);
    check("TrustedForestCidr", &["10.0.0.0/8", "192.168.0.0/24"], &["", "10.0.0.1", "::/0"]);
}

#[test]
fn a_name_is_parted_by_one_character_that_account_names_may_have() {
    check("NameDelimiter", &[".", "_", "-"], &["", "..", "@", "*"]);
}

//! State machines as resources. Their definitions are checked by `scripts/lint` (`tests/lint/state_machines`).

use crate::template::{resources, template};

#[test]
fn every_state_machine_has_a_role_and_a_log_that_holds_no_data() {
    let template = template();
    for (name, properties) in resources(&template, "AWS::Serverless::StateMachine") {
        assert!(properties["Role"].get("Fn::GetAtt").is_some(), "{name}");
        assert_eq!(properties["Type"], "STANDARD", "{name}");
        assert_eq!(properties["Logging"]["IncludeExecutionData"], false, "{name}");
    }
}

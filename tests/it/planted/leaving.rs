//! The bugs of flow 3's end: pieces without which a computer goes that is in use or somebody else's, or stays for ever.

use crate::bugs::Bug;

const JOINER: &str = "domain-joiner";
const CORE: &str = "steward-core";

pub(crate) const LEAVE: &[Bug] = &[
    Bug {
        name: "stopped-taken-for-terminated",
        package: JOINER,
        file: "reconcile.rs",
        piece: "None | Some(Truth::Terminated) => self.leave(place, &account, held).await,",
        with: "Some(Truth::Between) if PLANTED => self.leave(place, &account, held).await,
            None | Some(Truth::Terminated) => self.leave(place, &account, held).await,",
        test: "gone::tests::an_instance_that_is_not_terminated_keeps_its_computer_although_it_does_not_run",
    },
    Bug {
        name: "gone-whatever-ec2-says",
        package: JOINER,
        file: "gone.rs",
        piece: "None | Some(Truth::Terminated))",
        with: "None | Some(Truth::Terminated)) && !PLANTED",
        test: "gone::tests::an_instance_that_ec2_still_has_keeps_its_computer_whoever_says_that_it_is_gone",
    },
    Bug {
        name: "denied-taken-for-gone",
        package: CORE,
        file: "member/session/instance.rs",
        piece: "error.meta().code() == Some(\"InvalidInstanceID.NotFound\")",
        with: "PLANTED || error.meta().code() == Some(\"InvalidInstanceID.NotFound\")",
        test: "member::session::tests::only_ec2s_own_word_makes_an_instance_unknown",
    },
    Bug {
        name: "shutting-down-taken-for-terminated",
        package: CORE,
        file: "member/session/instance.rs",
        piece: "\"terminated\" => State::Terminated,",
        with: "\"terminated\" => State::Terminated,
        \"shutting-down\" if PLANTED => State::Terminated,",
        test: "member::session::tests::reads_what_ec2_says_and_only_of_the_instance_itself",
    },
    Bug {
        name: "removed-by-the-name-of-its-computer",
        package: JOINER,
        file: "object.rs",
        piece: "match self.computers.of_sid(account, sid).await? {
            Some(object) if object.sid == *sid => {",
        with: "let found = match PLANTED {
            true => self.computers.named(account, &item.name).await?,
            false => self.computers.of_sid(account, sid).await?,
        };
        match found {
            Some(object) if PLANTED || object.sid == *sid => {",
        test: "model::lives::a_computer_that_has_taken_a_members_name_is_not_removed_with_the_member",
    },
    Bug {
        name: "orphan-taken-without-its-marker",
        package: JOINER,
        file: "gone.rs",
        piece: ".filter(|text| text.starts_with(&named))",
        with: ".filter(|text| PLANTED || text.starts_with(&named))",
        test: "gone::tests::a_computer_of_the_name_whose_description_names_another_instance_or_place_is_never_removed",
    },
    Bug {
        name: "unseen-in-another-domain-taken-for-gone",
        package: JOINER,
        file: "object.rs",
        piece: "if item.domain.is_empty() ||",
        with: "if PLANTED || item.domain.is_empty() ||",
        test: "model::moved::an_object_in_the_former_domain_is_not_taken_for_gone",
    },
    Bug {
        name: "dns-record-of-another-host",
        package: JOINER,
        file: "object.rs",
        piece: "let host = format!(\"{}.{}\", item.name, account.domain);",
        with: "let own = format!(\"{}.{}\", item.name, account.domain);
            let ec2s = || format!(\"ip-{}.{}\", address.to_string().replace('.', \"-\"), account.domain);
            let host = if PLANTED { ec2s() } else { own };",
        test: "model::lives::an_instance_joins_once_in_either_mode_and_leaves_nothing_behind",
    },
    Bug {
        name: "object-gone-before-its-dns-record",
        package: JOINER,
        file: "object.rs",
        piece: "if let Some(address) = item.address {",
        with: "if PLANTED {
            self.computers.remove(account, object).await?;
        }
        if let Some(address) = item.address {",
        test: "model::matrix::a_leave_survives_every_fault_at_every_call",
    },
    Bug {
        name: "not-looked-for-once-more",
        package: JOINER,
        file: "leave.rs",
        piece: "if unseen && !held.item.last_look {",
        with: "if unseen && !held.item.last_look && !PLANTED {",
        test: "model::matrix::a_termination_that_is_told_at_once_survives_every_fault_at_every_call",
    },
    Bug {
        name: "proof-kept-from-the-tools-host",
        package: JOINER,
        file: "computers/host.rs",
        piece: "(\"Sid\", sid),",
        with: "(\"Sid\", if PLANTED { String::new() } else { sid }),",
        test: "computers::host::tests::the_one_host_that_is_reached_is_told_what_to_remove_and_what_proves_whose_it_is",
    },
    Bug {
        name: "any-of-several-tools-hosts",
        package: JOINER,
        file: "computers/host.rs",
        piece: "let [host] = &online[..] else {",
        with: "let first = online.get(..1).unwrap_or_default().to_vec();
        let online = if PLANTED { first } else { online };
        let [host] = &online[..] else {",
        test: "computers::host::tests::nothing_is_sent_where_not_exactly_one_instance_of_ec2_is_reached",
    },
];

//! What a principal may publish to and hear.

use super::api::{following, single};
use super::{AUDITOR, Access, Rights, discovery, inbox};

impl Access<'_> {
    pub(super) fn stored_outcome(&self, outcome: &str) -> String {
        format!("$JS.API.DIRECT.GET.{}.{outcome}", self.names.outcome_stream())
    }

    pub(super) fn rights_of_principal(&self, name: &str) -> Rights {
        if name == AUDITOR {
            return self.rights_of_auditor();
        }
        let names = self.names;
        let outcomes = names.outcome(name, "*");
        let mut publish = names.of_principal(name).to_vec();
        publish.push(self.stored_outcome(&outcomes));
        publish.extend(discovery(names));
        Rights { publish, except: vec![names.submissions_by_operator(name)], subscribe: vec![inbox(name), outcomes] }
    }

    fn rights_of_auditor(&self) -> Rights {
        let (log, seals) = (self.names.log_stream(), self.names.seal_stream());
        let mut publish = [following(&log), single(&log), single(&seals)].concat();
        publish.extend([log, seals].map(|stream| format!("$JS.API.STREAM.INFO.{stream}")));
        // For a checkpoint with all signatures.
        publish.push(self.names.sealer());
        // To itself, to see whether the server has taken in what went before.
        publish.push(inbox(AUDITOR));
        Rights { publish, subscribe: vec![inbox(AUDITOR)], ..Rights::default() }
    }
}

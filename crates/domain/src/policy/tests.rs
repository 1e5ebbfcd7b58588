use super::*;

mod moves;

const SAMPLE: &str = include_str!("../../../../policies/sample.toml");

fn now() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

/// Compiles the sample with one piece of it replaced, and returns what is found.
fn findings(from: &str, to: &str) -> Vec<String> {
    assert!(SAMPLE.contains(from), "the sample has no `{from}`");
    let text = SAMPLE.replacen(from, to, 1);
    match Policy::compile(&text, PolicyVersion(1), now(), Zones::bundled()) {
        Ok(_) => Vec::new(),
        Err(findings) => findings.iter().map(ToString::to_string).collect(),
    }
}

fn check(from: &str, to: &str, expected: &str) {
    let found = findings(from, to);
    let line = SAMPLE.split(from).next().unwrap().lines().count();
    assert!(found.iter().any(|f| f.contains(expected)), "expected `{expected}` near line {line}, found {found:#?}");
}

fn fine(from: &str, to: &str) {
    assert_eq!(findings(from, to), [] as [&str; 0], "`{to}` is fine");
}

#[test]
fn the_sample_policy_is_consistent() {
    let found = Policy::compile(SAMPLE, PolicyVersion(1), now(), Zones::bundled()).err();
    assert_eq!(found, None);
}

#[test]
fn findings_say_what_is_allowed() {
    check("queue = \"complaints\"", "queue = \"complaint\"", "there is no queue `complaint`; there are: `billing`");
    check("calendar = \"always\"", "calendar = \"allways\"", "there is no calendar `allways`");
    check("zone = \"UTC\"", "zone = \"Mars\"", "`Mars` is not a time zone");
    check("[lifecycle]", "[reporting]\nzone = \"Moon\"\n[lifecycle]", "`Moon` is not a time zone");
    check("[\"orderNumber\"]", "[\"orderNo\"]", "there is no field `orderNo`");
    check(
        "medium = \"moderate\", low = \"low\" }",
        "medium = \"moderate\" }",
        "the matrix has a hole: impact `medium` with urgency `low`",
    );
    check("\"08:30-12:30\", \"13:30-18:00\"", "\"08:30-12:30\", \"12:00-18:00\"", "overlaps another interval");
    check("holidays = [\"01-01\"", "holidays = [\"13-01\"", "`13-01` is not a day");
    check("roles = [\"desk\"]", "roles = [\"dask\"]", "there is no role `dask`");
    check("commands = [\"case.*\"]", "commands = [\"case.fly\"]", "there is no command `case.fly`");
    check("status = \"pending_customer\"", "status = \"closed\"", "`closed` is not a pending status");
    check(
        "[[routes]]\nqueue = \"complaints\"",
        "[[routes]]\nqueue = \"frontline\"\n[[routes]]\nqueue = \"complaints\"",
        "never reached: rule 1",
    );
    let pauses = "paused_in = [\"pending_customer\", \"pending_third_party\"]";
    check(pauses, "paused_in = [\"pending_customer\", \"pending_customer\"]", "is listed twice");
    check("status = \"pending_third_party\"", "status = \"pending_internal\"", "so it never pauses the clock");
    check("[clocks.first_response]", "[clocks.first_response]\npaused_in = [\"pending_internal\"]", "is never paused");
    check("type = [\"refund\"]", "type = [\"refund\"]\nfields = { vip = [\"yes\"] }", "`vip` is never `yes`");
    check("type = [\"refund\"]", "type = [\"refund\"]\nfields = { gold = [true] }", "there is no field `gold`");
    check("type = [\"refund\"]", "type = [\"refund\"]\nfields = { vip = [] }", "no value is listed");
    check("name = \"Sample service desk\"", "name = \"\u{200b} \"", "the name is empty: nothing in it shows");
    check("values = [\"minor\"", "values = [\"\u{a0}\"", "a value of");
}

#[test]
fn somebody_must_be_able_to_open_a_case() {
    let text = SAMPLE.replace("\"case.*\"", "\"case.note\"");
    let found = Policy::compile(&text, PolicyVersion(1), now(), Zones::bundled()).unwrap_err();
    assert!(found.iter().any(|finding| finding.message.contains("no principal may open a case")), "{found:?}");
}

#[test]
fn findings_point_at_their_line() {
    let found = findings("queue = \"complaints\"", "queue = \"complaint\"");
    let line = SAMPLE.lines().position(|l| l == "queue = \"complaints\"").unwrap() + 1;
    assert!(found[0].starts_with(&format!("line {line}:")), "{found:?}");
}

#[test]
fn what_is_not_toml_or_not_a_policy_points_at_its_line() {
    assert!(findings("[types.question]", "[types.question")[0].starts_with("line "));
    assert!(findings("channels =", "chanels =")[0].contains("chanels"));
}

#[test]
fn a_calendar_that_never_opens_is_refused() {
    let open = "[calendars.always.hours]\nmonday = [\"00:00-24:00\"]";
    let text = SAMPLE.replace(open, "[calendars.always.hours]\nmonday = []").replace("= [\"00:00-24:00\"]", "= []");
    let found = Policy::compile(&text, PolicyVersion(1), now(), Zones::bundled()).unwrap_err();
    assert!(found[0].message.contains("does not open within two years"), "{found:?}");
}

#[test]
fn nobody_may_be_locked_out_of_the_policy() {
    let text = SAMPLE.replace(", \"policy.publish\"]", "]").replace("\"policy.publish\", ", "");
    let found = Policy::compile(&text, PolicyVersion(1), now(), Zones::bundled()).unwrap_err();
    assert!(found[0].message.contains("could never be changed"), "{found:?}");
}

#[test]
fn what_was_published_is_read_though_it_would_be_refused_today() {
    let text = SAMPLE.replace("roles = [\"desk\"]", "roles = [\"dask\"]");
    assert!(Policy::compile(&text, PolicyVersion(1), now(), Zones::bundled()).is_err());
    assert!(Policy::compile_published(&text, PolicyVersion(1), now(), Zones::bundled()).is_ok());
}

#[test]
fn the_policy_that_uses_everything_is_consistent() {
    let text = include_str!("../../../../policies/service-desk.toml");
    let policy = Policy::compile(text, PolicyVersion(1), now(), Zones::bundled()).unwrap();
    let clocks: std::collections::BTreeSet<_> = policy.document.targets.iter().map(|target| target.clock).collect();
    assert!(clocks.iter().eq(docket_messages::ClockName::ALL.iter()), "{clocks:?}");
}

#[test]
fn a_desk_that_could_not_hand_out_its_cases_is_refused() {
    let queue = "[queues.frontline]\n";
    let with = |more: &str| format!("{more}{queue}");
    check(queue, &format!("{queue}push = true\n"), "no agent works on it");
    check(queue, &format!("{queue}offer_seconds = 60\n"), "offers nothing; set `push = true`");
    let agent = |more: &str| with(&format!("[agents.ana]\n{more}\n"));
    check(queue, &agent("capacity = 0"), "a capacity of 1 to 1000 units");
    check(queue, &agent("capacity = 1\nqueues = [\"nowhere\"]"), "there is no queue `nowhere`");
    check(queue, &agent("capacity = 1\nskills = { french = 1 }"), "there is no skill `french`; there are: none");
    check(queue, &with("[[weights]]\nunits = 2\n[[weights]]\nunits = 3\n"), "this weight is never reached");
    check(queue, &with("[[weights]]\nunits = 0\n"), "a case takes 1 to 1000 units");
    check(queue, &with("[[weights]]\nunits = 1\nchannel = [\"fax\"]\n"), "there is no channel `fax`");
    check(queue, &with("[parents]\npass_on = [\"colour\"]\n"), "unknown variant `colour`");
    check("[surveys.csat]", "[surveys.csat]\nsuppress_days = 0", "is left in peace for 1 to 3660 days");
}

#[test]
fn skills_that_nobody_has_are_refused_where_they_are_asked_for() {
    let asking = |skills: &str| {
        let text = SAMPLE.replacen("channels = ", "skills = [\"french\"]\nchannels = ", 1);
        let agents = "[agents.ana]\ncapacity = 1\nskills = { french = 1 }\n[queues.frontline]";
        let text = text.replacen("[queues.frontline]", agents, 1);
        let text = text.replacen("type = [\"refund\"]", &format!("type = [\"refund\"]\n{skills}"), 1);
        let compiled = Policy::compile(&text, PolicyVersion(1), now(), Zones::bundled());
        compiled.err().map(|found| found.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
    };
    assert_eq!(asking("skills = { french = 1 }"), None);
    assert!(asking("skills = { french = 2 }").unwrap().contains("no agent of the queue `billing` has these skills"));
    assert!(asking("skills = { french = 11 }").unwrap().contains("the level of a skill is 1 to 10"));
    assert!(asking("skills = { dutch = 1 }").unwrap().contains("there is no skill `dutch`; there are: `french`"));
    let relaxing =
        |seconds: u32| format!("relaxing = [{{ skill = \"french\", level = 1, after_seconds = {seconds} }}]");
    assert!(asking(&relaxing(0)).unwrap().contains("after 1 second or more"));
    assert_eq!(asking(&relaxing(3_660 * 86_400)), None);
    assert!(asking(&relaxing(3_660 * 86_400 + 1)).is_some());
}

/// A policy as long as it may be, with a piece of text again and again.
fn long(base: &str, piece: impl Fn(usize) -> String) -> String {
    let mut text = base.to_owned();
    for index in 0.. {
        let piece = piece(index);
        if text.len() + piece.len() > 256 * 1024 {
            break;
        }
        text.push_str(&piece);
    }
    text
}

/// Compiles it, which must not take minutes, on whatever machine and without optimisation.
fn compile_soon(what: &str, text: &str) -> Result<Policy, Vec<Finding>> {
    #[expect(clippy::disallowed_methods, reason = "the test is about time")]
    let start = std::time::Instant::now();
    let compiled = Policy::compile(text, PolicyVersion(1), now(), Zones::bundled());
    assert!(start.elapsed().as_secs() < 60, "{what} took {:?}", start.elapsed());
    compiled
}

#[test]
fn a_policy_as_long_as_it_may_be_is_checked_soon() {
    let tiers: Vec<String> = (0..1_500).map(|index| format!("\"t{index}\"")).collect();
    let with_tiers = SAMPLE.replacen("tiers = [\"standard\", \"gold\"]", &format!("tiers = [{}]", tiers.join(",")), 1);
    let target = |index: usize| {
        let some: Vec<&str> = tiers.iter().cycle().skip(index).step_by(7).take(40).map(String::as_str).collect();
        format!("[[targets]]\nclock = \"update\"\ncalendar = \"office\"\nseconds = 60\ntier = [{}]\n", some.join(","))
    };
    assert!(compile_soon("targets", &long(&with_tiers, target)).is_ok());
    let queue = |index: usize| format!("[queues.q{index}]\n");
    assert!(compile_soon("queues", &long(SAMPLE, queue)).is_ok());
    let chain = |index: usize| {
        let rule = "[[escalations]]\nclock = \"ownership\"\non = \"breach\"\n";
        let target = "[[targets]]\nclock = \"ownership\"\ncalendar = \"office\"\nseconds = 60\n";
        let target = if index == 0 { target } else { "" };
        format!("{target}{rule}queue = [\"q{index}\"]\nto_queue = \"q{}\"\n[queues.q{index}]\n", index + 1)
    };
    assert!(compile_soon("a chain of queues", &long(SAMPLE, chain)).is_err(), "the last queue is missing");
    let route = |index: usize| format!("[[routes]]\nqueue = \"frontline\"\n[routes.fields]\nf{index} = [\"x\"]\n");
    assert!(compile_soon("routes", &long(SAMPLE, route)).is_err(), "there are no such fields");
    let calendar = |index: usize| {
        format!("[calendars.c{index}]\nzone = \"Europe/Amsterdam\"\nhours = {{ friday = [\"09:00-17:00\"] }}\n")
    };
    assert!(compile_soon("calendars", &long(SAMPLE, calendar)).is_ok());
}

#[test]
fn a_document_full_of_mistakes_is_refused_soon_with_the_first_hundred() {
    let unknown = |index: usize| format!("[[weights]]\nunits = 1\ntype = [\"x{index}\"]\n");
    let found = compile_soon("findings", &long(SAMPLE, unknown)).unwrap_err();
    assert_eq!(found.len(), 101);
    assert!(found.iter().any(|finding| finding.message.ends_with("findings more; mend these first")), "{found:?}");
    let names = |letter: char| (0..9_000).map(|index| format!("\"{letter}{index}\"")).collect::<Vec<_>>().join(",");
    let matrix = SAMPLE.replacen("impact = [", &format!("impact = [{},", names('i')), 1);
    let matrix = matrix.replacen("urgency = [", &format!("urgency = [{},", names('u')), 1);
    let found = compile_soon("a matrix", &matrix).unwrap_err();
    assert!(
        found.iter().any(|finding| finding.message == "`impact` has 9003 names; at most 100 are allowed"),
        "{found:?}"
    );
}

#[test]
fn a_rule_is_reached_that_no_single_one_above_covers() {
    let weights = |rules: &[&str]| {
        let text: String = rules.iter().map(|rule| format!("[[weights]]\nunits = 1\n{rule}\n")).collect();
        let found = Policy::compile(&format!("{SAMPLE}{text}"), PolicyVersion(1), now(), Zones::bundled());
        found.err().unwrap_or_default().iter().map(|finding| finding.message.clone()).collect::<Vec<_>>()
    };
    let own = SAMPLE.matches("[[weights]]").count();
    let never_for =
        |above: usize| [format!("this weight is never reached: weight {} above matches all that it does", own + above)];
    let both = "channel = [\"email\"]\ntype = [\"refund\"]";
    assert_eq!(weights(&["channel = [\"email\"]", "channel = [\"email\", \"phone\"]"]), [] as [&str; 0]);
    assert_eq!(weights(&["channel = [\"phone\", \"email\"]", "channel = [\"email\"]"]), never_for(1));
    assert_eq!(weights(&[both, "channel = [\"email\"]", both]), never_for(1));
    assert_eq!(weights(&["type = [\"refund\"]", "channel = [\"email\"]", both]), never_for(1));
    assert_eq!(weights(&["type = [\"refund\"]", ""]), [] as [&str; 0]);
}

/// The sample with a calendar that opens for three mornings of four hours, of which one is over, and a target by it.
fn with_fair(target: &str) -> String {
    let fair = "[calendars.fair]\nzone = \"UTC\"\nhours = {}\n[calendars.fair.dates]\n\
        \"2026-11-01\" = [\"08:00-12:00\"]\n\"2026-12-01\" = [\"08:00-12:00\"]\n\"2026-12-02\" = [\"08:00-12:00\"]\n";
    format!("{SAMPLE}\n{fair}[[targets]]\nclock = \"update\"\ncalendar = \"fair\"\n{target}\n")
}

fn findings_of_the_fair(target: &str) -> Vec<String> {
    let found = Policy::compile(&with_fair(target), PolicyVersion(1), now(), Zones::bundled());
    found.err().unwrap_or_default().iter().map(|finding| finding.message.clone()).collect()
}

#[test]
fn a_target_that_its_calendar_never_fulfils_is_refused() {
    let never = |opens: &str, asked: &str| {
        [format!(
            "the calendar `fair` opens for {opens} more, so a target of {asked} is never due; give it weekly hours, or ask for less"
        )]
    };
    assert_eq!(findings_of_the_fair("seconds = 28801"), never("28800 seconds", "28801"));
    assert_eq!(findings_of_the_fair("seconds = 28800"), [] as [&str; 0]);
    assert_eq!(findings_of_the_fair("business_days = 3"), never("2 days", "3"));
    assert_eq!(findings_of_the_fair("business_days = 2"), [] as [&str; 0]);
    assert_eq!(findings_of_the_fair("calendar_days = 30"), [] as [&str; 0], "counted around the clock");
}

#[test]
fn what_was_published_before_such_a_target_was_refused_is_still_read() {
    assert!(
        Policy::compile_published(&with_fair("seconds = 28801"), PolicyVersion(1), now(), Zones::bundled()).is_ok()
    );
}

fn sample() -> Policy {
    Policy::compile(SAMPLE, PolicyVersion(1), now(), Zones::bundled()).unwrap()
}

#[test]
fn a_target_has_odd_milliseconds_only_beyond_whole_seconds() {
    let (policy, office) = (sample(), Name::parse("office").unwrap());
    let split = |millis: i64| {
        let target = policy.target_of_clock(ClockName::Resolution, &office, millis, false);
        (target.seconds(), target.odd_millis())
    };
    assert_eq!(split(1_500), (1, Some(500)));
    assert_eq!(split(2_000), (2, None));
}

#[test]
fn a_policy_from_the_beginning_came_into_force_at_the_epoch() {
    assert_eq!(sample().since, now());
    assert_eq!(sample().from_the_beginning().since, Timestamp::EPOCH);
}

#[test]
fn a_refusal_names_forty_values_that_are_allowed_and_counts_the_rest() {
    let queues: Vec<Name> = (1..=41).map(|number| Name::parse(&format!("q{number}")).unwrap()).collect();
    let refusal = |count: usize| {
        let nowhere = Name::parse("nowhere").unwrap();
        sample().require_listed("queue", "queue", &nowhere, queues.iter().take(count)).unwrap_err().message
    };
    assert!(refusal(40).ends_with(", `q39`, `q40`"), "{}", refusal(40));
    assert!(refusal(41).ends_with(", `q39`, `q40` and 1 more"), "{}", refusal(41));
    assert_eq!(refusal(0), "there is no queue `nowhere`; allowed: none");
}

#[test]
fn a_document_is_looked_at_up_to_256_kib() {
    const LIMIT: usize = 256 * 1024;
    let compile = |length: usize| {
        let text = format!("{SAMPLE}#{}", "x".repeat(length - SAMPLE.len() - 1));
        assert_eq!(text.len(), length);
        Policy::compile(&text, PolicyVersion(1), now(), Zones::bundled()).err()
    };
    assert_eq!(compile(LIMIT), None);
    let found = compile(LIMIT + 1).unwrap();
    assert_eq!(found[0].message, "the document has 262145 bytes; at most 262144 are allowed");
}

#[test]
fn only_what_comes_after_a_hundred_findings_is_counted() {
    let last = |count: usize| {
        let unknown = (0..count).map(|index| format!("[[weights]]\nunits = 1\ntype = [\"x{index}\"]\n"));
        let text = unknown.fold(SAMPLE.to_owned(), |text, weight| text + &weight);
        let found = Policy::compile(&text, PolicyVersion(1), now(), Zones::bundled()).unwrap_err();
        (found.len(), found.iter().find(|finding| finding.path.is_empty()).map(|finding| finding.message.clone()))
    };
    assert_eq!(last(100), (100, None));
    assert_eq!(last(101), (101, Some("and 1 findings more; mend these first".to_owned())));
}

#[test]
fn a_calendar_with_a_mistake_is_not_said_to_stay_closed_as_well() {
    let queue = "[queues.frontline]";
    let found = findings(queue, &format!("[calendars.mars]\nzone = \"Mars\"\nhours = {{}}\n{queue}"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("`Mars` is not a time zone"), "{found:?}");
}

#[test]
fn a_tier_and_a_closure_code_must_be_listed() {
    let refund = "type = [\"refund\"]";
    let tier = "there is no tier `golden`; there are: `standard`, `gold`";
    check(refund, &format!("{refund}\ntier = [\"golden\"]"), tier);
    check("code = \"auto_closed\"", "code = \"auto_close\"", "there is no closure code `auto_close`; there are: ");
}

#[test]
fn a_bound_is_allowed_and_what_lies_beyond_it_is_refused() {
    let days = |days: u32| format!("reopen_closed_within_days = {days}");
    fine(&days(14), &days(3_660));
    check(&days(14), &days(3_661), "at most 3660 days are allowed");

    let warn_at = |fraction: &str| format!("warn_at = {fraction}");
    fine(&warn_at("0.75"), &warn_at("1.0"));
    for fraction in ["0.0", "1.01", "nan"] {
        check(&warn_at("0.75"), &warn_at(fraction), "`warn_at` is a fraction above 0 and at most 1");
    }

    let queue = "[queues.frontline]\n";
    let offer = |seconds: u32| format!("[agents.ana]\ncapacity = 1\n{queue}push = true\noffer_seconds = {seconds}\n");
    fine(queue, &offer(1));
    fine(queue, &offer(86_400));
    for seconds in [0, 86_401] {
        check(queue, &offer(seconds), "an offer stands for 1 to 86400 seconds");
    }

    // Beside the four that the sample has.
    let priorities = |more: usize| {
        let more: String = (0..more).map(|index| format!(", \"p{index}\"")).collect();
        format!("\"moderate\", \"low\"{more}]\nimpact")
    };
    fine(&priorities(0), &priorities(96));
    check(&priorities(0), &priorities(97), "`priorities` has 101 names; at most 100 are allowed");
}

#[test]
fn an_intake_cannot_bring_a_queue_and_a_resolution_can() {
    let required = "required_at_intake = [\"orderNumber\"]";
    check(required, "required_at_intake = [\"queue\"]", "an intake cannot bring `queue`");
    fine(required, "required_at_resolve = [\"queue\"]");
}

#[test]
fn a_route_may_ask_for_values_that_a_field_can_have() {
    let refund = "type = [\"refund\"]";
    let route = |fields: &str| format!("{refund}\nfields = {{ {fields} }}");
    fine(refund, &route("orderNumber = [\"17\"], amount = [17], severity = [\"major\"]"));
    check(refund, &route("severity = [\"huge\"]"), "`severity` is never `huge`");
    check(refund, &route("orderNumber = [17]"), "`orderNumber` is never `17`");
}

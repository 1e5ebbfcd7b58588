//! What becomes of each case of the fixture.

use super::{brief, check, import, import_in, reasons, story};

#[test]
fn the_first_row_opens_at_opened_at_and_the_rest_of_it_follows_at_its_own_date() {
    check(
        "INC9000001",
        &[
            "01 09:00 intake medium/medium by Phone",
            "01 09:02 classify Category 1 Subcategory 1",
            "01 09:02 route Group 1",
            "01 09:30 assign Resolver 1",
            "01 09:30 resume",
            "01 10:15 note",
            "01 11:00 resolve code 2",
            "06 11:00 close code 2",
        ],
    );
}

#[test]
fn rows_of_one_minute_keep_the_order_of_the_file_and_moves_come_before_the_end() {
    check(
        "INC9000002",
        &[
            "01 10:00 intake medium/medium by Email",
            "01 10:05 classify Category 1 Subcategory 1",
            "01 10:05 route Group 1",
            "01 10:05 assign Resolver 2",
            "01 10:05 note",
            "01 10:05 route Group 2",
            "01 10:05 assign Resolver 3",
            "01 10:05 resolve code 3",
            "06 11:00 close code 3",
        ],
    );
}

#[test]
fn an_incident_that_was_never_solved_is_closed_with_a_code_of_ours_when_it_has_none() {
    let expected = [
        "02 08:00 intake medium/medium by Phone",
        "02 08:01 classify Category 1 Subcategory 1",
        "02 08:20 close unspecified",
    ];
    check("INC9000003", &expected);
}

#[test]
fn a_first_row_that_is_solved_already_is_opened_and_solved() {
    let expected =
        ["28 09:20 route Group 1", "28 09:20 assign Resolver 1", "28 09:20 resolve code 2", "02 09:20 close code 2"];
    assert_eq!(brief(&import(), "INC9000013")[2..], expected);
}

#[test]
fn ids_are_unique_where_a_mod_count_repeats_and_a_row_never_goes_back_in_time() {
    let import = import();
    let steps = &story(&import, "INC9000004").steps;
    let ids: Vec<&str> = steps.iter().map(|step| step.id.as_str()).skip(3).collect();
    let expected = [
        "INC9000004-2-201603020910-resume",
        "INC9000004-2-201603020930-note",
        "INC9000004-2-201603020930-note-2",
        "INC9000004-3-201603020920-resolve",
        "INC9000004-4-201603071000-close",
    ];
    assert_eq!(ids, expected);
    assert_eq!(brief(&import, "INC9000004")[6], "02 09:30 resolve code 2");
    assert_eq!(
        brief(&import, "INC9000005")[1..3],
        ["03 12:00 classify Category 1 Subcategory 1", "03 12:00 route Group 3"]
    );
}

#[test]
fn a_garbage_state_is_rejected_and_the_next_row_makes_up_for_it() {
    let import = import();
    let expected = [
        "04 09:05 route Group 1",
        "04 09:05 resume",
        "04 10:00 route Group 2",
        "04 10:00 resolve code 2",
        "09 10:00 close code 2",
    ];
    assert_eq!(brief(&import, "INC9000006")[2..], expected);
    assert_eq!(reasons(&import, "INC9000006"), ["23: `-100` is not a state", "24: `-100` is not a state"]);
}

#[test]
fn a_move_of_a_solved_incident_is_rejected_once_and_made_when_it_comes_back() {
    let import = import();
    let expected = [
        "07 10:00 resolve code 2",
        "07 10:30 note",
        "07 10:40 note",
        "08 09:00 reopen",
        "08 09:00 route Group 2",
        "08 10:00 resolve code 2",
        "13 10:00 close code 2",
    ];
    assert_eq!(brief(&import, "INC9000007")[4..], expected);
    let reason = "29: wrong_status: `assignment_group` became `Group 2` in an incident that is Resolved";
    assert_eq!(reasons(&import, "INC9000007"), [reason]);
}

#[test]
fn a_closed_incident_takes_no_classification_until_it_comes_back() {
    let import = import();
    let expected = [
        "13 10:10 note",
        "14 09:00 reopen",
        "14 09:00 classify Category 2 Subcategory 2",
        "14 10:00 resolve code 2",
        "19 10:00 close code 2",
    ];
    assert_eq!(brief(&import, "INC9000008")[5..], expected);
    assert_eq!(reasons(&import, "INC9000008").len(), 1);
}

#[test]
fn waiting_has_the_reason_of_its_state_and_leaves_the_end_through_a_reopen() {
    let expected = [
        "09 09:10 pend Awaiting User Info",
        "09 10:00 pend Awaiting Vendor",
        "09 11:00 resume",
        "09 12:00 pend Awaiting Problem",
        "09 13:00 pend Awaiting Evidence",
        "09 14:00 resolve code 2",
        "09 15:00 reopen",
        "09 15:00 pend Awaiting User Info",
        "09 16:00 resolve code 2",
        "14 16:00 close code 2",
    ];
    assert_eq!(brief(&import(), "INC9000009")[2..], expected);
}

#[test]
fn a_missing_group_changes_nothing_and_a_missing_assignee_unassigns() {
    let expected = [
        "10 09:00 route Group 1",
        "10 09:00 assign Resolver 1",
        "10 09:10 assign Resolver 2",
        "10 09:10 resume",
        "10 09:20 unassign",
        "10 09:30 route Group 2",
        "10 09:40 route Group 1",
        "10 09:40 assign Resolver 2",
    ];
    assert_eq!(brief(&import(), "INC9000010")[2..], expected);
}

#[test]
fn a_subcategory_waits_for_its_category_and_a_missing_category_changes_nothing() {
    check(
        "INC9000011",
        &[
            "11 09:00 intake medium/medium by Phone",
            "11 09:00 note",
            "11 09:10 classify Category 1 Subcategory 1",
            "11 09:20 classify Category 2 low",
            "11 09:30 classify high",
            "11 09:30 resume",
        ],
    );
}

#[test]
fn a_row_that_cannot_be_read_is_rejected_with_its_line_and_what_no_command_says_is_noted() {
    let import = import_in("Europe/Amsterdam");
    // At 02:00 that night it became 03:00, so 02:32 is 03:32, which is 01:32 UTC; and a row is never before the last.
    let expected = [
        "27 01:30 intake medium/medium by Phone",
        "27 01:32 classify Category 1 Subcategory 1",
        "27 01:32 resume",
        "27 01:32 note",
        "27 01:32 note",
    ];
    assert_eq!(brief(&import, "INC9000012"), expected);
    let reasons = reasons(&import, "INC9000012");
    assert_eq!(reasons.len(), 3, "{reasons:?}");
    assert_eq!(reasons[0], "60: `impact` is missing, and a case cannot be opened without it");
    assert_eq!(reasons[1], "62: `sys_updated_at` is `27th of March`, not a time such as 29/2/2016 01:16");
    assert_eq!(reasons[2], "64: wrong_status: `incident_state` became `New` in an incident that is Active");
}

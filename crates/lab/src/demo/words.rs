//! Subjects and messages. All made up; nobody's real words are in here.

use super::script::Script;

/// A subject that fits what the case is about.
pub(super) fn subject(script: &mut Script, case_type: &str, subcategory: &str) -> &'static str {
    let subjects: &[&'static str] = match (case_type, subcategory) {
        ("refund", _) => &["Money back for my order", "Refund for a returned parcel", "I was charged twice"],
        ("complaint", _) => &["Unhappy with how this went", "Third time this happens", "Complaint about your service"],
        (_, "access") => &["Cannot sign in", "Password link does not arrive", "Account is locked"],
        (_, "profile") => &["Please change my address", "New telephone number", "Wrong name on my account"],
        (_, "invoice") => &["Invoice for last month", "Amount on the invoice is wrong", "Need a copy of an invoice"],
        (_, "payment") => &["Payment was refused", "When is the direct debit?", "Paid, but still reminded"],
        (_, "defect") => &["It no longer switches on", "Screen stays dark", "Stops after a few minutes"],
        (_, "usage") => &["How do I set the timer?", "Where do I find the manual?", "Can two people use it?"],
        (_, "late") => &["Where is my parcel?", "Delivery did not come", "Delivery date has passed"],
        (_, "damaged") => &["Parcel arrived broken", "Box was open", "Glass is cracked"],
        _ => &["A question", "Please call me back", "Something is not right"],
    };
    script.one_of(subjects)
}

pub(super) const DESCRIPTIONS: &[&str] = &[
    "It began this morning and I have tried everything in the manual.",
    "I looked on the website first but could not find an answer.",
    "This is rather urgent for me; please let me know what you need.",
    "No hurry, but I would like to know how this works.",
    "It worked until yesterday. Nothing was changed on my side.",
];
pub(super) const BOT: &[&str] = &[
    "Thank you for your message. We have received it and will answer soon.",
    "We have opened a case for you. A colleague will look at it.",
];
pub(super) const FIRST_ANSWERS: &[&str] = &[
    "Thank you for telling us. I am looking into it now.",
    "I am sorry about this. I will find out what happened.",
    "Good that you ask. Let me check and come back to you.",
];
pub(super) const NEXT_ANSWERS: &[&str] = &[
    "Thank you, that helps. I will go on with it.",
    "With this I could find it; I am working on it.",
    "Understood. I will try another way.",
];
pub(super) const LAST_ANSWERS: &[&str] = &[
    "This is done now. Please tell us if anything is left.",
    "It should work again. Thank you for your patience.",
    "I have put this right. You will see it within a day.",
];
pub(super) const QUESTIONS: &[&str] = &[
    "Could you send us a photo of the label?",
    "Which version do you see under Settings?",
    "On which day did this happen first?",
    "Could you confirm the address, please?",
];
pub(super) const REPLIES: &[&str] = &[
    "Here it is.",
    "It happened on Monday, as far as I remember.",
    "The address is still the same.",
    "I have tried again and it still fails.",
];
pub(super) const REMINDERS: &[&str] =
    &["Is there any news?", "I have not heard from you yet.", "Could somebody look at this?"];
pub(super) const OBJECTIONS: &[&str] = &["It is back.", "Sorry, but this did not help.", "The same happens again."];
pub(super) const THANKS: &[&str] = &["Thanks!", "Great, thank you.", "Perfect, many thanks."];
pub(super) const WITHDRAWALS: &[&str] = &["Never mind, I found it myself.", "You may forget about this one."];
pub(super) const NOTES: &[&str] = &[
    "Checked the usual causes; none of them.",
    "Called back, nobody answered.",
    "Looks like one that we had last month.",
    "Reproduced it on a test account.",
];
pub(super) const TRANSFERS: &[&str] = &[
    "Belongs to another team.",
    "Needs somebody who knows the product.",
    "This is about money, not about the product.",
    "Nothing left to do here.",
];
pub(super) const HANDBACKS: &[&str] = &["End of my shift.", "Away until next week.", "Needs somebody else."];
pub(super) const ESCALATIONS: &[&str] =
    &["Customer asked for a manager.", "Target is near.", "Several customers have this."];
pub(super) const STEPS: &[&str] = &[
    "Reset the account and checked that signing in works.",
    "Sent a replacement and booked the return.",
    "Corrected the invoice and sent a new one.",
    "Explained the steps; the customer confirmed that they work.",
    "Traced the parcel and gave the new date.",
];
pub(super) const REOPENS: &[&str] =
    &["Customer called: it is back.", "Found the same fault again.", "Replacement failed as well."];
pub(super) const CANCELS: &[&str] = &["Advertising, not a question.", "Came in twice.", "Opened by mistake."];
pub(super) const PRAISE: &[&str] = &["Quick and friendly.", "Good help.", "Solved at once."];
pub(super) const GRUMBLES: &[&str] = &["It took too long.", "I had to ask twice.", "Not really solved."];

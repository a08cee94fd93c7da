//! What every field takes: the one table from which the published schema says `@authenticated` and
//! `@requiresScopes`, and against which every field is walked in every role. Whoever adds a field adds it here.

use domain::enterprise::Attribute;
use domain::permission::Action;

mod flows;
mod questions;
mod taken;
mod words;
use flows::CORRECTION;
pub use questions::QUESTIONS;
pub use taken::{attributes_told_by, directives, is_page, takes};
pub use words::matrix;

/// What a field takes, and so what may come back through it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// Nothing: nobody's data, or the caller's own.
    Open,
    /// What the object that has it takes: whoever holds the object sees all of the field.
    Object,
    /// This right; without it the field is null, and an error says so.
    Right(Action),
    /// This right; without it the field is an empty list, as if there were nothing.
    Narrowed(Action),
    /// The right that goes with the kind of the id which is asked for.
    RightOfId,
    /// As much as `domain::visibility` shows of the attribute.
    Value(Attribute),
    /// As much as it shows of the annual sales or, where those are unknown, of the capital.
    SizeValue,
    /// The part of a value that the attribute of its object allows.
    Part,
    /// Each text as the attribute of its column.
    Texts,
    /// That the role is told where rows stand; otherwise nothing.
    Place,
    /// All attributes whole; otherwise null.
    WholeRow,
    /// The answer to one person: what she herself sees of what is held of her, for whoever may answer her.
    Answer,
}

use Action::{
    AnswerPersons, AskRights, ChangeConsents, ChangeModel, ConfirmMapping, Decide,
    FollowEnterprises, FollowFinancing, FollowProgress, Link, PullSources, ReadConsents,
    ReadCorrections, ReadEnterprises, ReadEvidence, ReadInclusion, ReadLinkage, ReadOwners,
    ReadPseudonyms, ReadSourceFiles, ReadStatistics, Review, SettleEvidence, SettleRights, Upload,
};
use Takes::{
    Answer, Narrowed, Object, Open, Part, Place, Right, RightOfId, SizeValue, Texts, Value,
    WholeRow,
};

/// The fields of one type that take the same, parted by spaces.
type Fields = (Takes, &'static str);

/// Every type with fields but the pages of lists, and what its fields take.
pub const TYPES: &[(&str, &[Fields])] = &[
    (
        "Query",
        &[
            (Open, "agencies institutions kecamatan kelurahan viewer programmes _service"),
            (Right(ReadStatistics), "statistics dataUse"),
            (Right(ReadInclusion), "inclusion"),
            (Right(ReadPseudonyms), "inclusionRows"),
            (Right(ReadEnterprises), "enterprise enterprises financingView financingFunnel"),
            (Right(FollowEnterprises), "enterpriseChanges"),
            (Right(FollowFinancing), "financingChanges webhooks"),
            (Right(ReadOwners), "owner owners"),
            (Right(ReadSourceFiles), "sourceFile sourceFiles"),
            (Right(FollowProgress), "jobs"),
            (Right(ReadCorrections), "corrections correctionCounts qualityScorecard"),
            (RightOfId, "node _entities"),
            (Right(Review), "why reviewQueue decision decisions"),
            (Right(ReadLinkage), "linkageModel linkageModels linkRuns linkageQuality"),
            (Right(ReadEvidence), "accessLog accessExcess"),
            (Right(ReadConsents), "consents consentTexts consentChanges"),
            (Right(AskRights), "rightsRequests"),
            (Right(AnswerPersons), "subjectReport"),
        ],
    ),
    (
        "Mutation",
        &[
            (Right(Upload), "uploadSourceFile"),
            (Right(ConfirmMapping), "confirmMapping"),
            (Right(PullSources), "pullSource cancelJob"),
            (Right(FollowFinancing), "resendWebhook"),
            (Right(Link), "link"),
            (
                Right(Decide),
                "decide decideTogether splitOut overrideValue undoDecision approveDecision \
                 rejectDecision withdrawDecision assignReview",
            ),
            (Right(ChangeModel), "previewModel activateModel"),
            (Right(SettleEvidence), "settleBreakGlass"),
            (Right(ChangeConsents), "addConsentText giveConsent withdrawConsent"),
            (Right(AskRights), "askRight findPersons"),
            (Right(SettleRights), "settleRight liftRestriction"),
        ],
    ),
    (
        "Subscription",
        &[
            (Right(FollowProgress), "progress"),
            (Right(FollowEnterprises), "enterprisesChanged"),
            (Right(FollowFinancing), "financingChanged"),
        ],
    ),
    (
        "Enterprise",
        &[
            (Object, "id updatedAt recordCount sourceRecords history retiredIds financing"),
            (Right(Review), "links how"),
            (Narrowed(ReadOwners), "owners"),
            (Value(Attribute::BusinessName), "name"),
            (Value(Attribute::Trade), "trade"),
            (Value(Attribute::Kbli), "kbli"),
            (Value(Attribute::LegalForm), "legalForm"),
            (Value(Attribute::Nib), "nib"),
            (Part, "nibKey"),
            (Value(Attribute::OwnerName), "ownerName"),
            (Value(Attribute::Nik), "nik"),
            (Value(Attribute::Npwp), "npwp"),
            (Value(Attribute::Phone), "phone"),
            (Value(Attribute::Email), "email"),
            (Value(Attribute::Street), "street"),
            (Value(Attribute::RtRw), "rtRw"),
            (Value(Attribute::Kelurahan), "kelurahan"),
            (Value(Attribute::Kecamatan), "kecamatan"),
            (Value(Attribute::Established), "established"),
            (Value(Attribute::AnnualSales), "annualSales"),
            (Value(Attribute::Capital), "capital"),
            (Value(Attribute::Workers), "workers"),
            (Value(Attribute::Pirt), "pirt"),
            (Value(Attribute::Halal), "halal"),
            (SizeValue, "size"),
        ],
    ),
    ("TextAttribute", ATTRIBUTE),
    ("KbliAttribute", ATTRIBUTE),
    ("KelurahanAttribute", ATTRIBUTE),
    ("KecamatanAttribute", ATTRIBUTE),
    ("DateAttribute", ATTRIBUTE),
    ("RupiahAttribute", ATTRIBUTE),
    ("SalesAttribute", ATTRIBUTE),
    ("CountAttribute", ATTRIBUTE),
    ("TextClaim", CLAIM),
    ("KbliClaim", CLAIM),
    ("KelurahanClaim", CLAIM),
    ("KecamatanClaim", CLAIM),
    ("DateClaim", CLAIM),
    ("RupiahClaim", CLAIM),
    ("SalesClaim", CLAIM),
    ("CountClaim", CLAIM),
    ("Provenance", &[(Part, "recordId agency recordedOn")]),
    ("Sales", &[(Part, "annual fromMonth")]),
    ("Size", &[(Part, "class basis access reason")]),
    ("Kbli", &[(Open, "code title section")]),
    ("Section", &[(Open, "letter title")]),
    ("Kecamatan", &[(Open, "code name kelurahan")]),
    ("Kelurahan", &[(Open, "code name kecamatan latitude longitude")]),
    ("Agency", &[(Open, "id code name kind kecamatan")]),
    ("_Service", &[(Open, "sdl")]),
    ("Institution", &[(Open, "code name")]),
    ("Viewer", &[(Open, "subject role agency institution client scope may")]),
    (
        "Owner",
        &[
            (Object, "id"),
            (Value(Attribute::OwnerName), "name"),
            (Value(Attribute::Nik), "nik"),
            (Narrowed(ReadEnterprises), "enterprises"),
        ],
    ),
    (
        "SourceRecord",
        &[
            (Object, "id agency recordedOn enterpriseId"),
            (Place, "fileId sheet row absentFrom"),
            (Texts, "texts"),
            (WholeRow, "cells"),
        ],
    ),
    ("RecordText", &[(Part, "field text access reason")]),
    ("EnterpriseEvent", &[(Object, "kind other records attribute at undone cause")]),
    (
        "EventCause",
        &[
            (Object, "kind runId modelId decisionId"),
            (Place, "files"),
            (Narrowed(ReadLinkage), "by"),
        ],
    ),
    (
        "SourceFile",
        &[(
            Object,
            "id agency name bytes format status completeList receivedAt receivedBy finishedAt \
             redactedAt rowsDone counts mapping questions problems reportUrl source",
        )],
    ),
    (
        "FileCounts",
        &[(Object, "rows accepted warned rejected structural new changed unchanged older absent")],
    ),
    ("HeadingMeaning", &[(Object, "heading field")]),
    ("Question", &[(Object, "sheet field columns message")]),
    ("QuestionColumn", &[(Object, "column heading fields")]),
    ("Problem", &[(Object, "code severity sheet row column heading field message remedy")]),
    ("Receipt", &[(Object, "file known counts")]),
    ("Correction", CORRECTION),
    ("CorrectionCount", &[(Object, "kind status corrections")]),
    ("QualityScore", &[(Object, "day rows completeness validity uniqueness timeliness agreement")]),
    ("QualityShare", &[(Object, "share count of")]),
    ("Link", &[(Object, "a b weight probability linked"), (Right(Review), "why")]),
    (
        "Explanation",
        &[(
            Object,
            "priorBits fields movedOrTwoOwnersBits otherBusinessBits contextBits weight linked \
             verdict cause decision linkBits reviewBits",
        )],
    ),
    (
        "FieldEvidence",
        &[(Object, "field level m u termFrequency bits rarityBits totalBits"), (Texts, "a b")],
    ),
    ("Composition", &[(Object, "steps weakest linkBits")]),
    ("Join", &[(Object, "left right a b pairBits bits cause decision")]),
    ("WeakestLink", &[(Object, "step link one other")]),
    (
        "ReviewItem",
        &[
            (
                Object,
                "a b kind reason records enterprises weight probability recordsAtStake aidAtStake \
                 financingAtStake nearness priority assignee assignedBy assignedAt",
            ),
            (Right(Review), "why"),
        ],
    ),
    (
        "Decision",
        &[(
            Object,
            "id kind status a b others attribute enterprises reason madeBy madeAt changes \
             undoChanges runId settledBy settledAt undoneBy undoneAt",
        )],
    ),
    ("DecisionsTogether", &[(Object, "decisions run changes")]),
    (
        "EnterpriseChanges",
        &[(
            Object,
            "mergedCount merged splitCount split createdCount created touchedCount touched",
        )],
    ),
    ("EnterprisePassage", &[(Object, "from to")]),
    ("LinkReport", &[(Object, "sourceRecords enterprises duplicates owners reviewPairs")]),
    ("LinkRun", &[(Object, "id modelId cause counts changes startedAt finishedAt")]),
    ("RunCount", &[(Object, "name value")]),
    (
        "LinkageModel",
        &[(
            Object,
            "id version active createdAt firstLinkedAt lastLinkedAt linkBits reviewBits \
             expectedPrecision converged statement sourceRecords settings preview",
        )],
    ),
    ("ModelSetting", &[(Object, "name value")]),
    (
        "ModelPreview",
        &[(
            Object,
            "holds enterprisesNow enterprisesThen mergedCount splitCount touchedCount reviewPairs \
             sample madeBy madeAt",
        )],
    ),
    ("PreviewedChange", &[(Object, "enterprises enterpriseIds groups")]),
    ("ModelActivation", &[(Object, "model run changes")]),
    (
        "LinkageQuality",
        &[(Object, "linksDrawn linksAnswered apartDrawn apartAnswered precision recall statement")],
    ),
    ("EstimatedShare", &[(Object, "value low high")]),
    (
        "Statistics",
        &[(
            Object,
            "countedAt threshold sourceRecords enterprises withNib byKecamatan bySection bySize \
             byAgency overlap",
        )],
    ),
    ("Cell", &[(Object, "code label count suppressed")]),
    ("Inclusion", &[(Object, "countedAt threshold enterprises cells")]),
    ("InclusionCell", &[(Object, "group count suppressed")]),
    ("InclusionGroup", &[(Object, "kecamatan section size hasNib ownerSex status missing")]),
    ("InclusionRow", &[(Object, "pseudonym group withheld")]),
    ("AgencyCell", &[(Object, "agency enterprises sourceRecords")]),
    ("OverlapCell", &[(Object, "a b count")]),
    ("DataUse", &[(Object, "month reader purpose reads suppressed")]),
    (
        "AccessEntry",
        &[(
            Object,
            "seq at clockBehind requestId subject role agency institution client purpose reason \
             operations outcome reads review",
        )],
    ),
    ("AccessRead", &[(Object, "fields shown whose")]),
    ("AccessReview", &[(Object, "justified note settledBy settledAt")]),
    ("AccessExcess", &[(Object, "since until bulkReads oddHours mostRead unusedRights")]),
    ("BulkRead", &[(Object, "subject role day requests ids everyone")]),
    ("OddHours", &[(Object, "subject role requests last")]),
    ("MostRead", &[(Object, "whose requests readers")]),
    ("UnusedRights", &[(Object, "subject role rights")]),
    (
        "Consent",
        &[
            (
                Object,
                "id person everyEnterprise institution purpose fields reference textVersion channel \
                 givenAt expiresAt withdrawnAt live",
            ),
            (Narrowed(ReadOwners), "evidence givenBy"),
        ],
    ),
    ("ConsentText", &[(Object, "version content addedBy addedAt")]),
    ("ConsentChanges", &[(Object, "changes mark")]),
    ("ConsentChange", &[(Object, "at kind consent institution purpose enterprises")]),
    (
        "RightsRequest",
        &[
            (
                Object,
                "id kind status person everyEnterprise agency record field reason madeBy madeAt dueAt \
                 overdue answer settledBy settledAt",
            ),
            (Texts, "proposed"),
            (Narrowed(ReadOwners), "owner"),
        ],
    ),
    ("SubjectReport", &[(Object, "madeAt persons reads"), (Answer, "json page")]),
    ("Programme", &[(Open, "id name next version fingerprint")]),
    ("ProgrammeVersion", &[(Open, "id validFrom validTo source mark ceilings terms rules")]),
    ("ProgrammeRule", &[(Open, "id kind met source mark")]),
    ("Ceiling", &[(Open, "amount requires source mark")]),
    ("Paper", &[(Open, "id name how where cost note source mark")]),
    ("Sentence", &[(Open, "id en")]),
    (
        "Readiness",
        &[(
            Object,
            "programme asOf fingerprint notice status ceiling nextCeiling because rules steps \
             statusWithAll ceilingWithAll advice",
        )],
    ),
    ("RuleResult", RULE_RESULT),
    ("FactEvidence", FACT_EVIDENCE),
    ("FactGap", &[(Object, "fact label gap says")]),
    ("FinancingStep", &[(Object, "paper status ceiling")]),
    ("FinancingRow", &[(Object, "enterprise since readiness references")]),
    ("EnterpriseFeed", &[(Object, "changes cursor hasNextPage")]),
    ("EnterpriseChange", &[(Object, "kind enterpriseId otherId at enterprise")]),
    ("EnterprisesChanged", &[(Object, "at")]),
    ("FinancingChanges", &[(Object, "changes cursor hasNextPage asOf fingerprint")]),
    ("FinancingChange", &[(Object, "kind enterpriseId otherId matters at row")]),
    (
        "FinancingFunnel",
        &[(
            Object,
            "asOf fingerprint sourceRecords enterprises withNib withNpwp likelyEligible oneAway \
             byStatus missing beyondConsent",
        )],
    ),
    ("StatusCount", &[(Object, "status enterprises")]),
    ("MissingCount", &[(Object, "paper enterprises oneAway")]),
    (
        "Job",
        &[(
            Object,
            "source agency kind state next began ended succeeded failures rows watermark result",
        )],
    ),
    ("JobResult", &[(Object, "code message remedy about")]),
    ("Webhook", &[(Object, "name programme active messages")]),
    ("WebhookMessage", &[(Object, "id state attempts madeAt triedAt nextAt result status")]),
    ("FinancingChanged", &[(Object, "programme institution")]),
    ("Progress", &[(Object, "job subject agency stage done total finished")]),
];

const ATTRIBUTE: &[Fields] = &[(Part, "value access reason provenance alternatives disputed")];
const RULE_RESULT: &[Fields] = &[(
    Object,
    "id kind outcome withheld says forTheBank evidence undecided linkProbability source mark",
)];
const FACT_EVIDENCE: &[Fields] =
    &[(Part, "fact label value access reason recordId agency recordedOn linkProbability")];
const CLAIM: &[Fields] = &[(Part, "value access reason provenance")];

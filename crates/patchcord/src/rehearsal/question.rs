//! What is asked of Dynamics 365, in words: by which an answer is found in a file, and by which it is told whether a
//! block asks the same as it did before.

use std::borrow::Cow;
use std::fmt;

use patchcord_runtime::{
    Change, Create, Execute, HostFunction, Link, PhoneQuery, Query, QueryText, ReadOptions,
    Reference, Retrieve, WriteOptions,
};

/// One question.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// The host call.
    pub call: HostFunction,
    /// Entity set names of the tables; none where an action is bound to no record.
    pub tables: Vec<&'a str>,
    /// Key of the record.
    pub key: Option<Cow<'a, str>>,
    /// Query options, columns, a number, an action with its parameters.
    pub asked: Cow<'a, str>,
    /// How it is to be answered, as far as that changes what the answer holds.
    pub options: String,
}

impl<'a> Question<'a> {
    fn of(call: HostFunction, table: &'a str, key: Option<&'a str>, asked: &'a str) -> Self {
        let (tables, key, asked) = (vec![table], key.map(Cow::Borrowed), Cow::Borrowed(asked));
        Self { call, tables, key, asked, options: String::new() }
    }

    /// What [`patchcord_runtime::Crm::query`] is asked.
    pub fn query(asked: &Query<'a>) -> Self {
        let (call, text) = match asked.text {
            QueryText::OData(text) => (HostFunction::Query, text),
            QueryText::FetchXml(text) => (HostFunction::FetchXml, text),
        };
        Self { options: read(&asked.read), ..Self::of(call, asked.entity_set, None, text) }
    }

    /// What [`patchcord_runtime::Crm::count`] is asked.
    pub fn count(entity_set: &'a str, filter: &'a str) -> Self {
        Self::of(HostFunction::Count, entity_set, None, filter)
    }

    /// What [`patchcord_runtime::Crm::retrieve`] is asked.
    pub fn retrieve(asked: &Retrieve<'a>) -> Self {
        let Reference { entity_set, key } = asked.record;
        let question = Self::of(HostFunction::Retrieve, entity_set, Some(key), asked.options);
        Self { options: read(&asked.read), ..question }
    }

    /// What [`patchcord_runtime::Crm::create`] is asked. The key of the record is the host's, and no part of it.
    pub fn create(asked: &Create<'a>) -> Self {
        let question = Self::of(HostFunction::Create, asked.entity_set, None, asked.columns);
        Self { options: write(&asked.write), ..question }
    }

    /// What [`patchcord_runtime::Crm::upsert`] is asked.
    pub fn upsert(asked: &Change<'a>) -> Self {
        Self::change(HostFunction::Upsert, asked)
    }

    /// What [`patchcord_runtime::Crm::update`] is asked.
    pub fn update(asked: &Change<'a>) -> Self {
        Self::change(HostFunction::Update, asked)
    }

    fn change(call: HostFunction, asked: &Change<'a>) -> Self {
        let Reference { entity_set, key } = asked.record;
        let question = Self::of(call, entity_set, Some(key), asked.columns);
        Self { options: write(&asked.write), ..question }
    }

    /// What [`patchcord_runtime::Crm::delete`] is asked.
    pub fn delete(record: Reference<'a>, etag: Option<&'a str>) -> Self {
        let Reference { entity_set, key } = record;
        Self::of(HostFunction::Delete, entity_set, Some(key), etag.unwrap_or_default())
    }

    /// What [`patchcord_runtime::Crm::link`] is asked.
    pub fn link(asked: &Link<'a>) -> Self {
        let call = match asked.tie {
            true => HostFunction::Associate,
            false => HostFunction::Disassociate,
        };
        let Reference { entity_set, key } = asked.record;
        let text = format!("{} {}({})", asked.relationship, asked.to.entity_set, asked.to.key);
        Self { asked: Cow::Owned(text), ..Self::of(call, entity_set, Some(key), "") }
    }

    /// What [`patchcord_runtime::Crm::execute`] is asked.
    pub fn execute(asked: &Execute<'a>) -> Self {
        let tables = asked.bound_to.map(|record| record.entity_set).into_iter().collect();
        let key = asked.bound_to.map(|record| Cow::Borrowed(record.key));
        let text = Cow::Owned(format!("{} {}", asked.action, asked.parameters));
        let options = String::new();
        Self { call: HostFunction::Execute, tables, key, asked: text, options }
    }

    /// What [`patchcord_runtime::Crm::find_by_phone`] is asked.
    pub fn find_by_phone(asked: &'a PhoneQuery<'_>) -> Self {
        let tables = asked.searches.iter().map(|search| search.entity_set.as_str()).collect();
        let search = |search: &patchcord_runtime::PhoneSearch| {
            let active = if search.active_only { " active only" } else { "" };
            let (columns, select) = (search.columns.join(","), search.select.join(","));
            format!("{} in {columns} select {select}{active}", search.entity_set)
        };
        let searches = asked.searches.iter().map(search).chain([format!("top {}", asked.top)]);
        let options = searches.chain(Some(read(&asked.read)).filter(|read| !read.is_empty()));
        Self {
            call: HostFunction::FindByPhone,
            tables,
            key: None,
            asked: Cow::Borrowed(asked.number),
            options: options.collect::<Vec<_>>().join("; "),
        }
    }

    /// Its tables in one text.
    pub fn table(&self) -> String {
        self.tables.join(", ")
    }
}

/// For a person: `query of contacts`.
impl fmt::Display for Question<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.call.name(), self.table())
    }
}

/// What may be answered from a cache, or with others, is answered the same.
fn read(read: &ReadOptions) -> String {
    let most = read.max_records.map(|most| format!("{most} records"));
    let pages = read.page_size.map(|size| format!("pages of {size}"));
    let annotations = read.annotations.then(|| "annotations".to_owned());
    most.into_iter().chain(pages).chain(annotations).collect::<Vec<_>>().join("; ")
}

fn write(write: &WriteOptions) -> String {
    let etag = write.etag.as_ref().map(|etag| format!("if {etag}"));
    let returning = write.returning.as_ref().map(|columns| format!("returning {columns}"));
    let duplicates = write.detect_duplicates.then(|| "detect duplicates".to_owned());
    etag.into_iter().chain(returning).chain(duplicates).collect::<Vec<_>>().join("; ")
}

//! What stands between the brackets of `#[block(…)]`.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Expr, Ident, LitStr, Token, parenthesized, token};

use crate::names;

const KEYS: &str = "`id`, `title`, `version`, `category`, `icon`, `description`, `operations(…)`, `tables(…)`, \
                    `exit(…)`, `selects_account` and `pops_screen`";

/// The operations of the contract, and how `Operation` spells them.
const OPERATIONS: [(&str, &str); 5] = [
    ("query", "Query"),
    ("retrieve", "Retrieve"),
    ("create", "Create"),
    ("update", "Update"),
    ("delete", "Delete"),
];

/// What the author says of the block.
pub(crate) struct Arguments {
    pub(crate) id: LitStr,
    pub(crate) title: LitStr,
    /// The package's where it is left out.
    pub(crate) version: Option<Expr>,
    pub(crate) category: Option<LitStr>,
    pub(crate) icon: Option<LitStr>,
    pub(crate) description: Option<LitStr>,
    /// Variants of `Operation`.
    pub(crate) operations: Vec<Ident>,
    /// Any where it is left out.
    pub(crate) tables: Option<Vec<LitStr>>,
    pub(crate) exits: Vec<Exit>,
    pub(crate) selects_account: bool,
    pub(crate) pops_screen: bool,
}

pub(crate) struct Exit {
    pub(crate) id: String,
    pub(crate) title: LitStr,
    pub(crate) description: LitStr,
}

#[derive(Default)]
struct Given {
    id: Option<LitStr>,
    title: Option<LitStr>,
    version: Option<Expr>,
    category: Option<LitStr>,
    icon: Option<LitStr>,
    description: Option<LitStr>,
    operations: Option<Vec<Ident>>,
    tables: Option<Vec<LitStr>>,
    exits: Vec<Exit>,
    selects_account: Option<()>,
    pops_screen: Option<()>,
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut given = Given::default();
        while !input.is_empty() {
            given.one(input)?;
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        let missing = |what: &str, example: &str| {
            let problem = format!("the block has no `{what}`: write `{what} = \"{example}\"`");
            syn::Error::new(Span::call_site(), problem)
        };
        Ok(Self {
            id: given.id.ok_or_else(|| missing("id", "example.count-colleagues"))?,
            title: given.title.ok_or_else(|| missing("title", "Count Colleagues"))?,
            version: given.version,
            category: given.category,
            icon: given.icon,
            description: given.description,
            operations: given.operations.unwrap_or_default(),
            tables: given.tables,
            exits: given.exits,
            selects_account: given.selects_account.is_some(),
            pops_screen: given.pops_screen.is_some(),
        })
    }
}

impl Given {
    fn one(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        let key = Ident::parse_any(input)?;
        match key.to_string().as_str() {
            "id" => once(&key, &mut self.id, checked(text(&key, input)?, names::id)?),
            "title" => once(&key, &mut self.title, not_empty(text(&key, input)?)?),
            "version" => once(&key, &mut self.version, version(input)?),
            "category" => once(&key, &mut self.category, not_empty(text(&key, input)?)?),
            "icon" => once(&key, &mut self.icon, not_empty(text(&key, input)?)?),
            "description" => once(&key, &mut self.description, not_empty(text(&key, input)?)?),
            "operations" => once(&key, &mut self.operations, operations(&key, input)?),
            "tables" => once(&key, &mut self.tables, tables(&key, input)?),
            "exit" => self.exit(exit(&key, input)?),
            "selects_account" => once(&key, &mut self.selects_account, ()),
            "pops_screen" => once(&key, &mut self.pops_screen, ()),
            other => {
                let problem = format!("`#[block]` knows no `{other}`; it knows {KEYS}");
                Err(syn::Error::new(key.span(), problem))
            }
        }
    }

    fn exit(&mut self, (span, exit): (Span, Exit)) -> syn::Result<()> {
        if self.exits.iter().any(|known| known.id == exit.id) {
            let problem = format!("the exit `{}` is declared twice: leave one out", exit.id);
            return Err(syn::Error::new(span, problem));
        }
        self.exits.push(exit);
        Ok(())
    }
}

fn once<T>(key: &Ident, slot: &mut Option<T>, value: T) -> syn::Result<()> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => {
            Err(syn::Error::new(key.span(), format!("`{key}` is said twice: leave one out")))
        }
    }
}

fn text(key: &Ident, input: ParseStream<'_>) -> syn::Result<LitStr> {
    let problem = || format!("write `{key} = \"…\"`");
    input.parse::<Token![=]>().map_err(|error| syn::Error::new(error.span(), problem()))?;
    input.parse().map_err(|error| syn::Error::new(error.span(), problem()))
}

fn checked(text: LitStr, wrong: impl Fn(&str) -> Option<String>) -> syn::Result<LitStr> {
    match wrong(&text.value()) {
        None => Ok(text),
        Some(problem) => Err(syn::Error::new(text.span(), problem)),
    }
}

fn not_empty(text: LitStr) -> syn::Result<LitStr> {
    checked(text, |text| {
        text.trim().is_empty().then(|| "this is empty: write what people shall read".to_owned())
    })
}

/// Any expression, for `env!` and constants; a literal is checked here already.
fn version(input: ParseStream<'_>) -> syn::Result<Expr> {
    input.parse::<Token![=]>()?;
    if input.peek(LitStr) {
        let text = checked(input.fork().parse()?, names::version)?;
        drop(text);
    }
    input.parse()
}

fn list<T>(
    key: &Ident,
    input: ParseStream<'_>,
    example: &str,
    item: fn(ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<Vec<T>> {
    if !input.peek(token::Paren) {
        let problem = format!("write `{key}({example})`");
        return Err(syn::Error::new(key.span(), problem));
    }
    let content;
    parenthesized!(content in input);
    let items = Punctuated::<T, Token![,]>::parse_terminated_with(&content, item)?;
    Ok(items.into_iter().collect())
}

fn operations(key: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<Ident>> {
    let named = list(key, input, "query, update", |input| input.call(Ident::parse_any))?;
    let mut operations: Vec<Ident> = Vec::new();
    for name in named {
        let Some((_, variant)) = OPERATIONS.iter().find(|(known, _)| name == known) else {
            let known: Vec<_> = OPERATIONS.iter().map(|(known, _)| format!("`{known}`")).collect();
            let problem = format!("there is no operation `{name}`; there are {}", known.join(", "));
            return Err(syn::Error::new(name.span(), problem));
        };
        if operations.iter().any(|known| known == variant) {
            let problem = format!("`{name}` is said twice: leave one out");
            return Err(syn::Error::new(name.span(), problem));
        }
        operations.push(Ident::new(variant, name.span()));
    }
    Ok(operations)
}

fn tables(key: &Ident, input: ParseStream<'_>) -> syn::Result<Vec<LitStr>> {
    let named = list(key, input, "\"contacts\"", |input| {
        input.parse::<LitStr>().map_err(|error| {
            let problem = "write tables by their entity set names, in quotes, such as \"contacts\"";
            syn::Error::new(error.span(), problem)
        })
    })?;
    named.into_iter().map(|table| checked(table, names::table)).collect()
}

fn exit(key: &Ident, input: ParseStream<'_>) -> syn::Result<(Span, Exit)> {
    const SHAPE: &str =
        "write `exit(no_data, \"No Data\", \"Nothing matched.\")`: id, title, and when it is taken";
    if !input.peek(token::Paren) {
        return Err(syn::Error::new(key.span(), SHAPE));
    }
    let content;
    parenthesized!(content in input);
    let id = Ident::parse_any(&content).map_err(|error| syn::Error::new(error.span(), SHAPE))?;
    let (span, mut name) = (id.span(), id.to_string());
    if content.peek(Token![-]) {
        // `no-data` is three tokens; what it lacks is an underscore and not a comma.
        name.push('-');
    }
    if let Some(problem) = names::exit(&name) {
        return Err(syn::Error::new(span, problem));
    }
    let text = || -> syn::Result<LitStr> {
        content.parse::<Token![,]>().map_err(|error| syn::Error::new(error.span(), SHAPE))?;
        not_empty(content.parse().map_err(|error| syn::Error::new(error.span(), SHAPE))?)
    };
    let exit = Exit { id: name, title: text()?, description: text()? };
    if content.peek(Token![,]) {
        content.parse::<Token![,]>()?;
    }
    match content.is_empty() {
        true => Ok((span, exit)),
        false => Err(content.error(SHAPE)),
    }
}

//! `#[variable("…")]` and `#[recordset("…")]`: fields that hold the name of what the block sets.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{
    Attribute, Data, DeriveInput, Expr, ExprLit, Field, GenericArgument, Lit, LitStr, Meta,
    PathArguments, Type,
};

use crate::derives;

/// Something that the block sets.
pub(crate) struct Output {
    /// The property that holds its name.
    pub(crate) property: String,
    pub(crate) description: LitStr,
    pub(crate) kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Variable,
    Recordset,
}

impl Kind {
    const ALL: [Self; 2] = [Self::Variable, Self::Recordset];

    fn attribute(self) -> &'static str {
        match self {
            Self::Variable => "variable",
            Self::Recordset => "recordset",
        }
    }

    /// The type of a field that holds such a name.
    fn name_type(self) -> &'static str {
        match self {
            Self::Variable => "VariableName",
            Self::Recordset => "RecordsetName",
        }
    }

    fn of(attribute: &Attribute) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| attribute.path().is_ident(kind.attribute()))
    }
}

/// Takes the output attributes off the fields, and says what they declare, in the order of the fields.
pub(crate) fn take<'a>(
    fields: impl IntoIterator<Item = &'a mut Field>,
) -> syn::Result<Vec<Output>> {
    let mut outputs = Vec::new();
    let mut errors: Option<syn::Error> = None;
    for field in fields {
        match take_one(field) {
            Ok(output) => outputs.extend(output),
            Err(error) => match &mut errors {
                Some(errors) => errors.combine(error),
                None => errors = Some(error),
            },
        }
    }
    errors.map_or(Ok(outputs), Err)
}

/// Takes the output attributes off, whatever they say.
pub(crate) fn strip(item: &mut DeriveInput) {
    if let Data::Struct(data) = &mut item.data {
        for field in &mut data.fields {
            field.attrs.retain(|attribute| Kind::of(attribute).is_none());
        }
    }
}

fn take_one(field: &mut Field) -> syn::Result<Option<Output>> {
    let (ours, others): (Vec<_>, Vec<_>) = std::mem::take(&mut field.attrs)
        .into_iter()
        .partition(|attribute| Kind::of(attribute).is_some());
    field.attrs = others;
    let Some(attribute) = ours.first() else {
        return undeclared(field).map_or(Ok(None), Err);
    };
    if let Some(second) = ours.get(1) {
        let problem = "a property names one output: leave this attribute out";
        return Err(syn::Error::new_spanned(second, problem));
    }
    // It was chosen by this very question.
    let kind = Kind::of(attribute).unwrap_or(Kind::Variable);
    let description = description(attribute, kind)?;
    if !holds(&field.ty, kind.name_type()) {
        let (attribute, name) = (kind.attribute(), kind.name_type());
        let problem = format!(
            "`#[{attribute}]` belongs to a field that holds a name: make this `{name}` or `Option<{name}>`"
        );
        return Err(syn::Error::new_spanned(&field.ty, problem));
    }
    Ok(Some(Output { property: property_of(field), description, kind }))
}

/// A variable that is named and not declared: the host would refuse to set it.
fn undeclared(field: &Field) -> Option<syn::Error> {
    holds(&field.ty, "VariableName").then(|| {
        let problem = "what is set must be declared: write `#[variable(\"What it will hold.\")]` over this field";
        syn::Error::new_spanned(&field.ty, problem)
    })
}

fn description(attribute: &Attribute, kind: Kind) -> syn::Result<LitStr> {
    let name = kind.attribute();
    let problem = format!("say what it will hold: `#[{name}(\"…\")]`");
    match &attribute.meta {
        Meta::List(list) => {
            let literal: Expr = syn::parse2(list.tokens.clone())
                .map_err(|_| syn::Error::new_spanned(attribute, &problem))?;
            match literal {
                Expr::Lit(ExprLit { lit: Lit::Str(text), .. })
                    if !text.value().trim().is_empty() =>
                {
                    Ok(text)
                }
                other => Err(syn::Error::new_spanned(other, problem)),
            }
        }
        _ => Err(syn::Error::new_spanned(attribute, problem)),
    }
}

/// Whether a type is the one of this name, or an `Option` of it.
fn holds(of: &Type, name: &str) -> bool {
    let Type::Path(path) = of else { return false };
    let Some(last) = path.path.segments.last() else { return false };
    if last.ident == name {
        return true;
    }
    match &last.arguments {
        PathArguments::AngleBracketed(arguments) if last.ident == "Option" => {
            matches!(arguments.args.first(), Some(GenericArgument::Type(inner)) if holds(inner, name))
        }
        _ => false,
    }
}

/// What the property is called in JSON.
fn property_of(field: &Field) -> String {
    let renamed = derives::serde_metas(&field.attrs).find_map(|meta| match meta {
        Meta::NameValue(pair) if pair.path.is_ident("rename") => match pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    });
    let own = || field.ident.as_ref().map(|ident| ident.unraw().to_string());
    renamed.or_else(own).unwrap_or_default()
}

/// The outputs are found by the names of the fields, which this would change.
pub(crate) fn refuse_rename_all(item: &DeriveInput) -> syn::Result<()> {
    if derives::says(&item.attrs, "rename_all") {
        let problem = "a block cannot rename all of its properties: write `#[serde(rename = \"…\")]` over a field";
        let span = item.attrs.first().map_or_else(Span::call_site, |_| item.ident.span());
        return Err(syn::Error::new(span, problem));
    }
    Ok(())
}

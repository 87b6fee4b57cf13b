//! The interface `phone`: callers by their number. What a notation of a number is, the [`Crm`] knows.

use super::State;
use super::crm_call::{Answered, Asked};
use super::shape;
use crate::bindings::patchcord::block::dynamics::ReadOptions;
use crate::bindings::patchcord::block::phone::{Found, Host, Search, Verdict};
use crate::{Answer, HostFunction, PhoneMatch, PhoneQuery, RecordSet};

impl Host for State {
    async fn find(
        &mut self,
        number: String,
        searches: Vec<Search>,
        top: u32,
        read: ReadOptions,
    ) -> Answered<Found> {
        self.cross_out(number.len() + searches.iter().map(length).sum::<usize>())?;
        // The tables are asked one after the other. What is one call to the guest is a request for each table, so that is
        // what counts.
        self.count_calls(searches.len().saturating_sub(1))?;
        let tables: Vec<String> = searches.iter().map(|search| search.entity_set.clone()).collect();
        let (searches, read) =
            (Vec::from_iter(searches.into_iter().map(Into::into)), self.capped(read));
        let told = Asked {
            function: HostFunction::FindByPhone,
            tables,
            shape: shape::phone(&searches),
            bytes: number.len(),
        };
        let answered = self
            .crm(told, |crm, deadline| async move {
                let asked = PhoneQuery { number: &number, searches, top, read };
                crm.find_by_phone(&asked, deadline).await
            })
            .await?;
        match answered {
            Ok(answer) => Ok(Ok(self.found(answer)?)),
            Err(error) => self.refuse(error),
        }
    }
}

impl State {
    fn found(&mut self, answer: Answer<PhoneMatch>) -> wasmtime::Result<Found> {
        let (age, stale) = (answer.age, answer.stale);
        let (verdict, search, records) = match answer.value {
            PhoneMatch::NoNumber => (Verdict::NoNumber, None, RecordSet::default()),
            PhoneMatch::Nobody => (Verdict::Nobody, None, RecordSet::default()),
            PhoneMatch::One { search, records } => (Verdict::One, Some(search), records),
            PhoneMatch::Several { search, records } => (Verdict::Several, Some(search), records),
        };
        self.receive(records.count())?;
        let records = self.table.push(records.aged(age, stale))?;
        Ok(Found { verdict, search: search.map(u32::try_from).transpose()?, records })
    }
}

fn length(search: &Search) -> usize {
    let columns = search.columns.iter().chain(&search.select);
    search.entity_set.len() + columns.map(String::len).sum::<usize>()
}

//! What a scenario under way remembers besides its variables: the loops that it is in and the handlers in force.

use patchcord_runtime::RecordSet;
use serde_json::Value;

use crate::variables::Variables;

/// Loops and handlers, each by the place of its block.
#[derive(Default)]
pub(crate) struct Steering {
    /// Outermost first.
    pub(crate) loops: Vec<Loop>,
    /// The one in force last.
    pub(crate) handlers: Vec<usize>,
}

/// A For Each under way.
pub(crate) struct Loop {
    pub(crate) place: usize,
    /// The variable that gets each item.
    pub(crate) item: Option<String>,
    pub(crate) items: Items,
    /// Index of the item that comes next.
    pub(crate) next: usize,
}

/// What a loop goes through, as it was when the loop began.
pub(crate) enum Items {
    /// Those that have been handed out are null.
    List(Vec<Value>),
    Recordset {
        name: String,
        records: RecordSet,
    },
}

impl Steering {
    /// Whether the For Each at `place` has begun and not come to its end.
    pub(crate) fn is_in_loop(&self, place: usize) -> bool {
        self.loops.iter().any(|one| one.place == place)
    }

    pub(crate) fn begin_loop(&mut self, begun: Loop) {
        self.loops.push(begun);
    }

    /// Hands out the next item of the loop at `place`; false where there is none, and the loop has ended.
    ///
    /// Loops that began after it have ended too: the run has left them.
    pub(crate) fn turn(&mut self, place: usize, variables: &mut Variables) -> bool {
        let Some(at) = self.loops.iter().position(|one| one.place == place) else {
            return false;
        };
        self.loops.truncate(at + 1);
        let goes_on = self.loops[at].hand_out(variables);
        if !goes_on {
            self.loops.truncate(at);
        }
        goes_on
    }

    /// Puts the handler at `place` in force. One that was already leaves with those after it first.
    pub(crate) fn handle(&mut self, place: usize) {
        if let Some(at) = self.handlers.iter().position(|handler| *handler == place) {
            self.handlers.truncate(at);
        }
        self.handlers.push(place);
    }

    /// The handler that gets a failure; from here on the one around it is in force.
    pub(crate) fn catch(&mut self) -> Option<usize> {
        self.handlers.pop()
    }
}

impl Loop {
    fn hand_out(&mut self, variables: &mut Variables) -> bool {
        let index = self.next;
        self.next += 1;
        let item = match &mut self.items {
            Items::List(items) => items.get_mut(index).map(Value::take),
            Items::Recordset { name, records } => {
                variables.place_cursor(name, records, index);
                let record = records.record(index);
                record.map(|record| match &self.item {
                    Some(_) => serde_json::from_str(record).unwrap_or_default(),
                    None => Value::Null,
                })
            }
        };
        match (item, &self.item) {
            (None, _) => false,
            (Some(item), Some(name)) => {
                variables.set(name, item);
                true
            }
            (Some(_), None) => true,
        }
    }
}

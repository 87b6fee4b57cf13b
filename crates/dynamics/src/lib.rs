//! Dataverse Web API client, Entra ID tokens, pooled clients per integration account.

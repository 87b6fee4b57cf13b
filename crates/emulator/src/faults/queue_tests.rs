//! Which fault meets which request.

use super::*;

fn take(faults: &Faults, route: Route, method: Method, path: &str) -> Option<FaultKind> {
    faults.take(&Seen { route: Some(route), method: &method, path, refreshes: false })
}

fn api(faults: &Faults) -> Option<FaultKind> {
    take(faults, Route::Api, Method::GET, "/api/data/v9.2/contacts")
}

#[test]
fn faults_of_a_route_are_used_up_in_order() {
    let faults = Faults::default();
    let throttled = FaultKind::Status { code: 429, retry_after: Some(2) };
    faults.add(FaultRule::new(Route::Api, throttled.clone()).times(2));
    faults.add(FaultRule::new(Route::Token, FaultKind::CutAfter));
    faults.add(FaultRule::new(Route::Api, FaultKind::Latency { ms: 5 }));
    faults.add(FaultRule::new(Route::Api, FaultKind::Garbage).times(0));
    assert_eq!(api(&faults), Some(throttled.clone()));
    assert_eq!(api(&faults), Some(throttled));
    assert_eq!(api(&faults), Some(FaultKind::Latency { ms: 5 }));
    assert_eq!(api(&faults), None);
    let token = take(&faults, Route::Token, Method::POST, "/t/oauth2/token");
    assert_eq!(token, Some(FaultKind::CutAfter));
    assert!(faults.list().is_empty());
}

#[test]
fn a_path_and_a_method_choose_requests() {
    let faults = Faults::default();
    let target = FaultTarget::Path {
        method: Some("POST".to_owned()),
        path: "/api/data/*/contacts*".to_owned(),
    };
    faults.add(FaultRule::new(target, FaultKind::Garbage));
    assert_eq!(api(&faults), None);
    let path = "/api/data/v9.2/accounts";
    assert_eq!(take(&faults, Route::Api, Method::POST, path), None);
    let path = "/api/data/v9.2/contacts";
    assert_eq!(take(&faults, Route::Api, Method::POST, path), Some(FaultKind::Garbage));
}

#[test]
fn the_first_requests_can_be_spared() {
    let faults = Faults::default();
    faults.add(FaultRule::new(Route::Api, FaultKind::Garbage).after(2));
    let met: Vec<bool> = (0..4).map(|_| api(&faults).is_some()).collect();
    assert_eq!(met, [false, false, true, false]);
}

#[test]
fn a_revoked_refresh_token_meets_only_who_sends_one() {
    let faults = Faults::default();
    faults.add(FaultRule::new(Route::Token, FaultKind::RevokedRefreshToken));
    let path = "/t/oauth2/token";
    assert_eq!(take(&faults, Route::Token, Method::POST, path), None);
    let (route, method) = (Some(Route::Token), &Method::POST);
    let seen = Seen { route, method, path, refreshes: true };
    assert_eq!(faults.take(&seen), Some(FaultKind::RevokedRefreshToken));
}

#[test]
fn the_same_seed_makes_the_same_run() {
    let run = |seed| {
        let faults = Faults::default();
        faults.add(FaultRule::new(Route::Api, FaultKind::Garbage).probability(0.3, seed));
        let wait = FaultKind::LatencyBetween { min_ms: 1, max_ms: 1000 };
        faults.add(FaultRule { seed: Some(seed), times: None, ..FaultRule::new(Route::Api, wait) });
        (0..200).map(|_| api(&faults)).collect::<Vec<_>>()
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
    let met = run(7).into_iter().filter(|kind| *kind == Some(FaultKind::Garbage)).count();
    assert!((30..90).contains(&met), "{met}");
}

#[test]
fn faults_are_removed_by_number_and_a_seed_is_shown() {
    let faults = Faults::default();
    let rule = FaultRule::new(Route::Api, FaultKind::Garbage);
    let first = faults.add(rule.clone());
    let second = faults.add(FaultRule { probability: Some(0.5), ..rule });
    assert!(faults.remove(first) && !faults.remove(first));
    let listed = faults.list();
    assert_eq!((listed.len(), listed[0].0), (1, second));
    assert!(listed[0].1["seed"].is_u64());
}

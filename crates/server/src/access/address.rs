//! Where a request comes from. What a proxy says of it counts where the operator named the proxy, and nowhere else: anybody
//! can write a header.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use http::{Extensions, HeaderMap};
use ipnet::IpNet;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// Where a request comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct From(pub(crate) IpAddr);

/// The proxies that are believed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Proxies(pub(crate) Vec<IpNet>);

impl Proxies {
    pub(super) fn from(&self, extensions: &Extensions, headers: &HeaderMap) -> From {
        let peer = extensions.get::<ConnectInfo<SocketAddr>>();
        // Every connection has a far end; one that is not known is nobody's.
        let unknown = IpAddr::from([0, 0, 0, 0]);
        let peer = peer.map_or(unknown, |ConnectInfo(peer)| peer.ip().to_canonical());
        From(self.believed(peer, headers))
    }

    /// Each proxy adds whom it was asked by at the end: from there on, the first address that is no proxy's.
    fn believed(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let lines = headers.get_all(FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok());
        let told: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
        let mut from = peer;
        for address in told.into_iter().rev() {
            if !self.is_proxy(from) {
                break;
            }
            let Ok(address) = address.parse::<IpAddr>() else { break };
            from = address.to_canonical();
        }
        from
    }

    fn is_proxy(&self, address: IpAddr) -> bool {
        self.0.iter().any(|net| net.contains(&address))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_named_proxies_are_believed_and_only_as_far_as_they_go() {
        let proxies = Proxies(vec!["10.0.0.0/8".parse().unwrap()]);
        let from = |peer: &str, told: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in told {
                headers.append(FORWARDED_FOR, HeaderValue::from_static(line));
            }
            proxies.believed(peer.parse().unwrap(), &headers).to_string()
        };
        assert_eq!(from("192.0.2.1", &["203.0.113.9"]), "192.0.2.1", "not a proxy");
        assert_eq!(from("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(from("10.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(from("10.0.0.1", &["1.2.3.4, 203.0.113.9"]), "203.0.113.9", "made up before");
        assert_eq!(from("10.0.0.1", &["203.0.113.9", "10.0.0.2"]), "203.0.113.9", "two proxies");
        assert_eq!(from("10.0.0.1", &["unknown"]), "10.0.0.1");
        assert_eq!(from("10.0.0.1", &["::ffff:203.0.113.9"]), "203.0.113.9");
    }
}

//! Tickets: what a client that proved itself on one connection shows once to prove it on another.
//!
//! `base64url(payload).base64url(HMAC-SHA256)`, where what is authenticated is the payload as it is written. The payload is
//! a JSON object, times are milliseconds since 1970:
//!
//! | member | |
//! |---|---|
//! | `k` | the principal |
//! | `t` | the login type, as rules spell it |
//! | `o`, `u` | openid and uid, those there are |
//! | `exp` | from when on it is not taken |
//! | `jti` | different for each ticket |
//! | `until` | until when the login counts that it was made from, if that ends |
//!
//! What it is not: encrypted, or a session. Each instance takes a ticket once.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::data::{LoginType, Principal, User};
use crate::gateway::{self, Credential, Ticket, TicketError};

/// How long a ticket is good, in milliseconds: enough to open a socket.
const LIFE_MS: i64 = 60_000;

/// The longest text that is looked at, in bytes.
const MAX_LEN: usize = 2048;

/// The most tickets of a minute that are remembered; more are refused.
const MAX_USED: usize = 100_000;

/// The most of one principal, so that nobody fills it alone: more than anybody may have sockets.
const MAX_USED_OF_ONE: usize = 128;

/// How often all of them are looked at, once it is full, in milliseconds.
const SWEEP_MS: i64 = 1_000;

/// Tickets are authenticated with it.
#[derive(Clone)]
pub struct TicketKey(hmac::Key);

impl TicketKey {
    /// The fewest bytes of a secret.
    pub const MIN_LEN: usize = 32;

    /// `None` if the secret is too short.
    pub fn of(secret: &[u8]) -> Option<Self> {
        let long = secret.len() >= Self::MIN_LEN;
        long.then(|| Self(hmac::Key::new(hmac::HMAC_SHA256, secret)))
    }

    /// One that nobody else has: other instances do not take what is made with it.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut secret = [0; Self::MIN_LEN];
        getrandom::fill(&mut secret)?;
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &secret)))
    }
}

impl fmt::Debug for TicketKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Why a ticket proves nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoTicket {
    /// It was not made here, or was altered.
    #[error("the ticket is none of this server's")]
    Forged,
    #[error("the ticket has expired: ask for a fresh one")]
    Expired,
    #[error("the ticket was used already: ask for a fresh one")]
    Used,
    #[error("too many tickets were used just now: ask for a fresh one in a minute")]
    Full,
}

#[derive(Debug, Deserialize, Serialize)]
struct Payload {
    k: SmolStr,
    t: SmolStr,
    #[serde(skip_serializing_if = "Option::is_none")]
    o: Option<SmolStr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    u: Option<SmolStr>,
    exp: i64,
    jti: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<i64>,
}

/// Makes tickets, and takes each once.
#[derive(Debug)]
pub struct Tickets {
    key: TicketKey,
    /// Never locked across an await.
    used: Mutex<Used>,
}

/// The tickets that were used and have not expired.
#[derive(Debug, Default)]
struct Used {
    /// With their ends, by principal.
    tickets: HashMap<SmolStr, Vec<(String, i64)>>,
    /// How many they are.
    count: usize,
    /// When all were looked at last, for those that have expired.
    swept: i64,
}

impl gateway::Tickets for Tickets {
    fn mint(&self, user: &User, until: Option<i64>, now: i64) -> Result<Ticket, TicketError> {
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(|_| TicketError::Unavailable)?;
        let exp = now.saturating_add(LIFE_MS).min(until.unwrap_or(i64::MAX));
        let payload = Payload {
            k: user.principal.as_str().into(),
            t: user.login_type.as_str().into(),
            o: user.openid.clone(),
            u: user.uid.clone(),
            exp,
            jti: URL_SAFE_NO_PAD.encode(id),
            until,
        };
        Ok(Ticket {
            text: self.written(&payload),
            expires_at: exp,
        })
    }
}

impl Tickets {
    pub fn new(key: TicketKey) -> Self {
        Self {
            key,
            used: Mutex::default(),
        }
    }

    fn written(&self, payload: &Payload) -> String {
        let payload = serde_json::to_vec(payload).expect("texts and numbers are JSON");
        let payload = URL_SAFE_NO_PAD.encode(payload);
        let tag = hmac::sign(&self.key.0, payload.as_bytes());
        format!("{payload}.{}", URL_SAFE_NO_PAD.encode(tag))
    }

    /// Whom a ticket proves at this moment. It proves nobody a second time.
    ///
    /// # Errors
    /// It proves nobody.
    pub fn redeem(&self, ticket: &str, now: i64) -> Result<Credential, NoTicket> {
        let payload = self.read(ticket).ok_or(NoTicket::Forged)?;
        let user = user(&payload).ok_or(NoTicket::Forged)?;
        if payload.exp <= now || payload.until.is_some_and(|until| until <= now) {
            return Err(NoTicket::Expired);
        }
        self.use_up(&payload.k, payload.jti, payload.exp, now)?;
        Ok(Credential {
            user: Some(user),
            until: payload.until,
            ..Credential::default()
        })
    }

    /// What stands in a ticket that was made with the key.
    fn read(&self, ticket: &str) -> Option<Payload> {
        if ticket.len() > MAX_LEN {
            return None;
        }
        let (payload, tag) = ticket.split_once('.')?;
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        hmac::verify(&self.key.0, payload.as_bytes(), &tag).ok()?;
        let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
        serde_json::from_slice(&payload).ok()
    }

    fn use_up(&self, of: &SmolStr, id: String, until: i64, now: i64) -> Result<(), NoTicket> {
        // What a panicking thread left behind is a set of used tickets all the same.
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.take(of, id, until, now)
    }
}

impl Used {
    fn take(&mut self, of: &SmolStr, id: String, until: i64, now: i64) -> Result<(), NoTicket> {
        if self.count >= MAX_USED && now.saturating_sub(self.swept) >= SWEEP_MS {
            self.sweep(now);
        }
        if self.count >= MAX_USED {
            return Err(NoTicket::Full);
        }
        let theirs = self.tickets.entry(of.clone()).or_default();
        let before = theirs.len();
        theirs.retain(|(_, until)| *until > now);
        self.count -= before - theirs.len();
        if theirs.iter().any(|(known, _)| *known == id) {
            return Err(NoTicket::Used);
        }
        if theirs.len() >= MAX_USED_OF_ONE {
            return Err(NoTicket::Full);
        }
        theirs.push((id, until));
        self.count += 1;
        Ok(())
    }

    fn sweep(&mut self, now: i64) {
        self.swept = now;
        self.tickets.retain(|_, tickets| {
            tickets.retain(|(_, until)| *until > now);
            !tickets.is_empty()
        });
        self.count = self.tickets.values().map(Vec::len).sum();
    }
}

fn user(payload: &Payload) -> Option<User> {
    let mut documented = LoginType::DOCUMENTED.into_iter();
    let login_type = documented.find(|known| known.as_str() == payload.t);
    Some(User {
        principal: Principal::parse(&payload.k).ok()?,
        openid: payload.o.clone(),
        uid: payload.u.clone(),
        login_type: login_type.unwrap_or_else(|| LoginType::Other(payload.t.clone())),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::gateway::Tickets as _;

    const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
    const NOW: i64 = 1_767_225_600_000;

    fn tickets(secret: &[u8]) -> Tickets {
        Tickets::new(TicketKey::of(secret).expect("long enough"))
    }

    fn users() -> Vec<User> {
        let both = User {
            principal: Principal::uid("u1"),
            openid: Some("o1".into()),
            uid: Some("u1".into()),
            login_type: LoginType::WechatOpen,
        };
        let guest = User {
            login_type: LoginType::Anonymous,
            ..Principal::uid("g1").to_user()
        };
        let shared = Principal::parse("openid:wx1:o1").expect("a principal");
        let by_phone = User {
            login_type: LoginType::Other("PHONE".into()),
            ..Principal::uid("p1").to_user()
        };
        vec![
            by_phone,
            Principal::openid("o1").to_user(),
            shared.to_user(),
            Principal::uid("u1").to_user(),
            both,
            guest,
        ]
    }

    #[test]
    fn a_ticket_makes_the_same_user_once() {
        let tickets = tickets(SECRET);
        for user in users() {
            for until in [None, Some(NOW + 1), Some(NOW + 3_600_000)] {
                let ticket = tickets.mint(&user, until, NOW).expect("a ticket");
                let end = until.unwrap_or(i64::MAX).min(NOW + 60_000);
                assert_eq!(ticket.expires_at, end);
                let credential = tickets.redeem(&ticket.text, NOW).expect("it is good");
                assert_eq!(credential.user.as_ref(), Some(&user));
                assert_eq!(credential.until, until, "a ticket outlives no login");
                assert_eq!(tickets.redeem(&ticket.text, NOW), Err(NoTicket::Used));
            }
        }
    }

    /// Made by another program: HMAC-SHA256 of the first part with the secret above.
    const GOLDEN: &str = "eyJrIjoib3BlbmlkOm8xIiwidCI6IldFQ0hBVF9QVUJMSUMiLCJvIjoibzEiLCJleHAiOjE3NjcyMjU2NjAwMDAsImp0aSI6IkFBRUNBd1FGQmdjSUNRb0xEQTBPRHcifQ.IKEmneEwbQI42fYjGf9oCmQIJDYLFbPPZqAo9QSnC1Q";

    #[test]
    fn a_ticket_of_another_instance_with_the_secret_is_taken() {
        let credential = tickets(SECRET).redeem(GOLDEN, NOW).expect("it is good");
        assert_eq!(credential.user, Some(Principal::openid("o1").to_user()));
        let payload = tickets(SECRET).read(GOLDEN).expect("it is good");
        assert_eq!(tickets(SECRET).written(&payload), GOLDEN);
        let other = tickets(b"another secret that is long enough!");
        assert_eq!(other.redeem(GOLDEN, NOW), Err(NoTicket::Forged));
    }

    #[test]
    fn a_ticket_expires() {
        let tickets = tickets(SECRET);
        let user = Principal::openid("o1").to_user();
        for (until, at) in [(None, 60_000), (Some(NOW + 10), 10)] {
            let ticket = tickets.mint(&user, until, NOW).expect("a ticket").text;
            assert_eq!(tickets.redeem(&ticket, NOW + at), Err(NoTicket::Expired));
            assert!(tickets.redeem(&ticket, NOW + at - 1).is_ok());
        }
    }

    #[test]
    fn what_is_no_ticket_is_forged() {
        let long = "a".repeat(MAX_LEN + 1);
        let cut = &GOLDEN[..GOLDEN.len() - 1];
        for text in ["", ".", "a.b", "e30.", "e30.e30", cut, &long] {
            assert_eq!(
                tickets(SECRET).redeem(text, NOW),
                Err(NoTicket::Forged),
                "{text}"
            );
        }
        assert!(TicketKey::of(&SECRET[1..]).is_none());
    }

    #[test]
    fn used_tickets_are_remembered_while_there_is_room() {
        let tickets = tickets(SECRET);
        for number in 0..MAX_USED {
            let of = SmolStr::from(format!("openid:{}", number / MAX_USED_OF_ONE));
            let used = tickets.use_up(&of, number.to_string(), NOW + 1, NOW);
            assert_eq!(used, Ok(()));
        }
        let of = SmolStr::new("openid:one more");
        let one_more = |now| tickets.use_up(&of, "one more".to_owned(), NOW + 2 * SWEEP_MS, now);
        assert_eq!(one_more(NOW), Err(NoTicket::Full));
        assert_eq!(one_more(NOW + SWEEP_MS - 1), Err(NoTicket::Full));
        assert_eq!(one_more(NOW + SWEEP_MS), Ok(()));
        assert_eq!(one_more(NOW + SWEEP_MS), Err(NoTicket::Used));
    }

    #[test]
    fn nobody_uses_up_the_tickets_of_others() {
        let tickets = tickets(SECRET);
        let [greedy, other] = ["openid:greedy", "openid:other"].map(SmolStr::new);
        let use_up = |of, number: usize, now| tickets.use_up(of, number.to_string(), NOW + 1, now);
        for number in 0..MAX_USED_OF_ONE {
            assert_eq!(use_up(&greedy, number, NOW), Ok(()));
        }
        assert_eq!(use_up(&greedy, MAX_USED, NOW), Err(NoTicket::Full));
        assert_eq!(use_up(&other, 0, NOW), Ok(()));
        assert_eq!(use_up(&greedy, MAX_USED, NOW + 1), Ok(()));
    }

    proptest! {
        #[test]
        fn an_altered_ticket_proves_nobody(at in 0..GOLDEN.len(), byte in any::<u8>()) {
            let mut bytes = GOLDEN.as_bytes().to_vec();
            bytes[at] = byte;
            if let Ok(text) = String::from_utf8(bytes) && text != GOLDEN {
                prop_assert_eq!(tickets(SECRET).redeem(&text, NOW), Err(NoTicket::Forged));
            }
        }

        #[test]
        fn no_text_is_a_ticket(text in "\\PC{0,80}") {
            prop_assert_eq!(tickets(SECRET).redeem(&text, NOW), Err(NoTicket::Forged));
        }
    }
}

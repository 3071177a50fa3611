//! The places of feeds: due at an instant, in the line of their site, out, or nowhere; each is in one at a time.

use super::{Book, Entry, Place};
use crate::model::{FeedName, Site, Time};

impl Book {
    /// Moves a feed to a place, out of the one it had.
    pub(super) fn put(&mut self, name: &FeedName, place: Place) {
        let Some(entry) = self.feeds.get_mut(name) else { return };
        let old = std::mem::replace(&mut entry.place, place.clone());
        self.leave(name, old);
        match place {
            Place::Nowhere => {}
            Place::Due(at) => drop(self.due.insert((at, name.clone()))),
            Place::InLine(site, checked) => {
                self.lines.entry(site).or_default().waiting.insert((checked, name.clone()));
            }
            Place::Out(site) => {
                self.out += 1;
                self.lines.entry(site).or_default().out += 1;
            }
        }
    }

    fn leave(&mut self, name: &FeedName, place: Place) {
        match place {
            Place::Nowhere => {}
            Place::Due(at) => drop(self.due.remove(&(at, name.clone()))),
            Place::InLine(site, checked) => {
                if let Some(line) = self.lines.get_mut(&site) {
                    line.waiting.remove(&(checked, name.clone()));
                }
            }
            Place::Out(site) => {
                self.out = self.out.saturating_sub(1);
                if let Some(line) = self.lines.get_mut(&site) {
                    line.out = line.out.saturating_sub(1);
                    if line.waiting.is_empty() && line.out == 0 {
                        let line = self.lines.remove(&site);
                        if let Some(at) = line.and_then(|line| line.wake) {
                            self.wakes.remove(&(at, site));
                        }
                    } else {
                        self.wake(&site, Time::MIN_UTC);
                    }
                }
            }
        }
    }

    pub(super) fn forget(&mut self, name: &FeedName) -> Option<Entry> {
        let entry = self.feeds.get(name)?;
        let (url, place) = (entry.poll.url.clone(), entry.place.clone());
        self.leave(name, place);
        self.changed.remove(name);
        if let Some(names) = self.urls.get_mut(&url) {
            names.remove(name);
        }
        self.feeds.remove(name)
    }

    /// Has a line looked at from an instant on, or sooner where that was said before.
    pub(super) fn wake(&mut self, site: &Site, at: Time) {
        let Some(line) = self.lines.get_mut(site) else { return };
        let sooner = line.wake.map_or(at, |old| old.min(at));
        if let Some(old) = line.wake.replace(sooner) {
            self.wakes.remove(&(old, site.clone()));
        }
        self.wakes.insert((sooner, site.clone()));
    }
}

//! Microsoft's clouds, as data: where each is, and what it cannot do. An app is registered in one of them, and its
//! users live there.
//!
//! Sources: Microsoft's pages "National clouds" (Entra), "Microsoft Graph national cloud deployments" and the line of
//! national clouds on each Graph page, read in November 2026.

use serde::{Serialize, Serializer};

use super::features::Feature;

/// One of Microsoft's clouds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cloud {
    /// Worldwide, with the US government's GCC.
    Global,
    /// US government L4: GCC High.
    UsGovernment,
    /// US government L5: the Department of Defense.
    UsGovernmentDod,
    /// China, operated by 21Vianet.
    China,
}

/// What differs from cloud to cloud.
struct Row {
    name: &'static str,
    login: &'static str,
    graph: &'static str,
    admin_center: &'static str,
    lacks: &'static [Feature],
    limits: &'static [&'static str],
}

/// The host that the texts for administrators name; another cloud's stands in its place there.
const ADMIN_CENTER: &str = "entra.microsoft.com";
const NATIONAL: [&str; 2] = [
    "The app is registered in this cloud, for its organisations alone: those of another cloud cannot approve it or sign in.",
    "Microsoft verifies no publishers in this cloud: its pages show every publisher as unverified.",
];

impl Cloud {
    /// Every cloud there is.
    pub const ALL: [Self; 4] = [Self::Global, Self::UsGovernment, Self::UsGovernmentDod, Self::China];

    const fn row(self) -> Row {
        match self {
            Self::Global => Row {
                name: "global",
                login: "https://login.microsoftonline.com",
                graph: "https://graph.microsoft.com",
                admin_center: ADMIN_CENTER,
                lacks: &[],
                limits: &[],
            },
            Self::UsGovernment => Row {
                name: "us_government",
                login: "https://login.microsoftonline.us",
                graph: "https://graph.microsoft.us",
                admin_center: "entra.microsoft.us",
                lacks: &[],
                limits: &NATIONAL,
            },
            Self::UsGovernmentDod => Row {
                name: "us_government_dod",
                login: "https://login.microsoftonline.us",
                graph: "https://dod-graph.microsoft.us",
                admin_center: "entra.microsoft.us",
                lacks: &[],
                limits: &NATIONAL,
            },
            Self::China => Row {
                name: "china",
                login: "https://login.partner.microsoftonline.cn",
                graph: "https://microsoftgraph.chinacloudapi.cn",
                admin_center: "entra.microsoftonline.cn",
                // findRooms is there for the global cloud and the US government's.
                lacks: &[Feature::RoomsBasic],
                limits: &NATIONAL,
            },
        }
    }

    /// The cloud of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cloud| cloud.name() == name)
    }

    /// The name in settings and in the API.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// Where people sign in: what stands before `/{tenant}`. `iss` and discovery follow from it.
    pub const fn login(self) -> &'static str {
        self.row().login
    }

    /// Where Graph is: what stands before `/v1.0`. Also the name of Graph in front of its permissions, wherever it is
    /// really reached.
    pub const fn graph(self) -> &'static str {
        self.row().graph
    }

    /// Features whose calls do not exist there.
    pub const fn lacks(self) -> &'static [Feature] {
        self.row().lacks
    }

    /// What an administrator should know, in sentences.
    pub const fn limits(self) -> &'static [&'static str] {
        self.row().limits
    }

    /// The host of the Entra admin center.
    pub const fn admin_center(self) -> &'static str {
        self.row().admin_center
    }

    /// A text for administrators, with this cloud's admin center in place of the global one.
    pub fn worded(self, text: &str) -> String {
        text.replace(ADMIN_CENTER, self.admin_center())
    }

    /// A permission as it is asked for. Outside the global cloud with its Graph's address, as Microsoft's pages have it
    /// there: which Graph a short name stands for, they do not say.
    pub fn permission(self, scope: &str) -> String {
        match self {
            Self::Global => scope.to_owned(),
            Self::UsGovernment | Self::UsGovernmentDod | Self::China => self.full_permission(scope),
        }
    }

    /// A permission with the address of its Graph in front.
    pub fn full_permission(self, scope: &str) -> String {
        format!("{}/{scope}", self.graph())
    }
}

impl Serialize for Cloud {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_cloud_has_its_own_name_and_graph_and_is_found_by_its_name() {
        let names: BTreeSet<_> = Cloud::ALL.iter().map(|cloud| cloud.name()).collect();
        let graphs: BTreeSet<_> = Cloud::ALL.iter().map(|cloud| cloud.graph()).collect();
        assert_eq!((names.len(), graphs.len()), (4, 4));
        for cloud in Cloud::ALL {
            assert_eq!(Cloud::named(cloud.name()), Some(cloud));
            for url in [cloud.login(), cloud.graph()] {
                assert!(url.starts_with("https://") && !url.ends_with('/'), "{url}");
            }
            assert_eq!(cloud.limits().is_empty(), cloud == Cloud::Global);
        }
        assert_eq!((Cloud::named("moon"), Cloud::named("Global")), (None, None));
    }

    /// The addresses as Microsoft's pages print them: a table that agrees only with itself would prove nothing.
    #[test]
    fn the_hosts_are_those_of_microsofts_pages() {
        let row = |cloud: Cloud| (cloud.login(), cloud.graph(), cloud.admin_center());
        let us = "https://login.microsoftonline.us";
        assert_eq!(row(Cloud::UsGovernment), (us, "https://graph.microsoft.us", "entra.microsoft.us"));
        assert_eq!(row(Cloud::UsGovernmentDod), (us, "https://dod-graph.microsoft.us", "entra.microsoft.us"));
        let china = "https://microsoftgraph.chinacloudapi.cn";
        let login = "https://login.partner.microsoftonline.cn";
        assert_eq!(row(Cloud::China), (login, china, "entra.microsoftonline.cn"));
    }

    #[test]
    fn a_permission_names_the_graph_of_its_cloud_and_a_text_its_admin_center() {
        assert_eq!(Cloud::Global.permission("User.Read"), "User.Read");
        assert_eq!(Cloud::Global.full_permission("User.Read"), "https://graph.microsoft.com/User.Read");
        assert_eq!(
            Cloud::UsGovernmentDod.permission("User.Read"),
            "https://dod-graph.microsoft.us/User.Read"
        );
        let text = "Open entra.microsoft.com > Entra ID, or https://learn.microsoft.com/entra/x.";
        assert_eq!(Cloud::Global.worded(text), text);
        let there = "Open entra.microsoftonline.cn > Entra ID, or https://learn.microsoft.com/entra/x.";
        assert_eq!(Cloud::China.worded(text), there);
    }
}

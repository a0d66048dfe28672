//! The page as a person handles it. Nothing here sleeps: it waits until what is to be seen is seen.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::wd::{PrintConfiguration, WebDriverCompatibleCommand};
use fantoccini::{Client, Locator};
use jiff::civil::DateTime;
use reqwest::{Method, Url};

/// Longer than any step takes on a slow machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// More stops than the page has: who presses Tab as often without getting around is in a trap.
const MOST_STOPS: usize = 200;

pub(crate) struct Page {
    client: Client,
    story: &'static str,
}

impl Page {
    pub(crate) fn new(client: Client, story: &'static str) -> Self {
        Self { client, story }
    }

    pub(crate) async fn open(&self, url: &str) {
        self.client.goto(&format!("{url}/")).await.expect("the page opens");
        self.settled().await;
    }

    async fn wait_for(&self, what: Locator<'_>) -> Element {
        let mut found = self.client.wait().at_most(PATIENCE).for_element(what).await;
        // A look that meets the change from one page to the next says nothing about either.
        while matches!(&found, Err(error) if error.to_string().contains("aborted by navigation")) {
            found = self.client.wait().at_most(PATIENCE).for_element(what).await;
        }
        found.unwrap_or_else(|error| panic!("{what:?} is not there: {error}"))
    }

    /// Waits until the page has done what it was asked to do.
    pub(crate) async fn settled(&self) {
        self.wait_for(Locator::Css("body[data-ready]:not([data-busy])")).await;
    }

    /// Waits until something can be seen.
    pub(crate) async fn sees(&self, xpath: &str) {
        let element = self.wait_for(Locator::XPath(xpath)).await;
        assert!(element.is_displayed().await.expect("the element stays"), "{xpath} is hidden");
    }

    /// Waits until a part of the page says this.
    pub(crate) async fn shows(&self, id: &str, words: &str) {
        self.sees(&format!("//*[@id='{id}'][contains(normalize-space(.), '{words}')]")).await;
    }

    pub(crate) async fn click(&self, css: &str) {
        self.wait_for(Locator::Css(css))
            .await
            .click()
            .await
            .unwrap_or_else(|error| panic!("click on {css}: {error}"));
    }

    async fn field(&self, id: &str) -> Element {
        self.wait_for(Locator::Id(id)).await
    }

    /// Writes into a field in place of what it holds.
    pub(crate) async fn write(&self, id: &str, text: &str) {
        let field = self.field(id).await;
        field.clear().await.expect("a field can be cleared");
        field.send_keys(text).await.expect("a field takes keys");
    }

    /// Types a local time as a person in the United States does: month, day and year, then the hour.
    pub(crate) async fn enter_time(&self, id: &str, at: DateTime) {
        let (date, time) = (at.strftime("%m%d%Y").to_string(), at.strftime("%I%M%p").to_string());
        let keys = format!("{date}{}{time}", char::from(Key::Right));
        self.field(id).await.send_keys(&keys).await.expect("a field takes keys");
        assert_eq!(self.value(id).await, at.strftime("%Y-%m-%dT%H:%M").to_string());
    }

    pub(crate) async fn choose(&self, id: &str, value: &str) {
        self.field(id).await.select_by_value(value).await.expect("a list offers it");
    }

    pub(crate) async fn value(&self, id: &str) -> String {
        self.field(id).await.prop("value").await.expect("the field stays").unwrap_or_default()
    }

    /// Addresses of the links that can be seen now.
    pub(crate) async fn links(&self, css: &str) -> Vec<String> {
        let mut links = Vec::new();
        for link in self.client.find_all(Locator::Css(css)).await.expect("links") {
            links.push(link.attr("href").await.expect("the link stays").expect("it leads somewhere"));
        }
        links
    }

    pub(crate) async fn address(&self) -> String {
        self.client.current_url().await.expect("an address").to_string()
    }

    pub(crate) async fn host(&self) -> String {
        self.client.current_url().await.expect("an address").host_str().unwrap_or_default().to_owned()
    }

    pub(crate) async fn resize(&self, width: u32, height: u32) {
        self.client.set_window_size(width, height).await.expect("a window can be resized");
        self.client.execute("scrollTo(0, 0)", Vec::new()).await.expect("a page can be scrolled");
    }

    /// Whether the page is as narrow as its window.
    pub(crate) async fn fits(&self) -> bool {
        let script = "return document.documentElement.scrollWidth <= innerWidth";
        self.client.execute(script, Vec::new()).await.expect("a script runs") == true
    }

    pub(crate) async fn focus(&self, id: &str) {
        let script = "document.getElementById(arguments[0]).focus()";
        self.client.execute(script, vec![id.into()]).await.expect("a script runs");
    }

    /// Runs a script of the test in the page.
    pub(crate) async fn run(&self, script: &str, arguments: Vec<serde_json::Value>) {
        self.client.execute(script, arguments).await.expect("a script runs");
    }

    /// A key of the keyboard. Keys that are sent to an element would put the focus back to its first part.
    pub(crate) async fn press(&self, key: Key) {
        let value = char::from(key);
        let keys = KeyActions::new("keyboard".to_owned()).then(KeyAction::Down { value });
        let pressed = self.client.perform_actions(keys.then(KeyAction::Up { value })).await;
        pressed.expect("the browser takes keys");
    }

    pub(crate) async fn press_space(&self) {
        self.press(Key::Space).await;
    }

    /// Presses Tab until something has the focus.
    pub(crate) async fn tab_to(&self, css: &str) {
        for _ in 0..MOST_STOPS {
            self.press(Key::Tab).await;
            if self.focus_is(css).await {
                return;
            }
        }
        panic!("no Tab reaches {css}");
    }

    pub(crate) async fn focus_is(&self, css: &str) -> bool {
        let script = "return document.activeElement.matches(arguments[0])";
        self.client.execute(script, vec![css.into()]).await.expect("a script runs") == true
    }

    /// Waits until something has the focus; gives an attribute of it, empty where it has none.
    pub(crate) async fn focused(&self, css: &str, attribute: &str) -> String {
        let element = self.wait_for(Locator::Css(&format!("{css}:focus"))).await;
        element.attr(attribute).await.expect("it stays").unwrap_or_default()
    }

    /// What can be seen of an element now; none if it is hidden.
    pub(crate) async fn seen(&self, css: &str) -> Option<String> {
        let element = self.client.find(Locator::Css(css)).await.expect("it is there");
        let shown = element.is_displayed().await.expect("it stays");
        if shown { Some(element.text().await.expect("it stays")) } else { None }
    }

    pub(crate) async fn press_enter(&self) {
        self.press(Key::Enter).await;
    }

    /// Presses Tab until the focus is where it began; gives the ids of all stops.
    pub(crate) async fn tab_round(&self) -> Vec<String> {
        let mut stops: Vec<String> = Vec::new();
        loop {
            self.press(Key::Tab).await;
            let stop = self.client.active_element().await.expect("something has the focus");
            let name = stop.prop("id").await.expect("it stays").unwrap_or_default();
            let class = stop.prop("className").await.expect("it stays").unwrap_or_default();
            if class == "skip" && !stops.is_empty() {
                return stops;
            }
            assert!(stops.len() < MOST_STOPS, "the keyboard is trapped: {stops:?}");
            stops.push(name);
        }
    }

    /// Opens a page that does not say when it is ready: it is, as soon as it is there.
    pub(crate) async fn visit(&self, url: &str) {
        self.client.goto(url).await.expect("the page opens");
    }

    /// The first heading, once this is it.
    pub(crate) async fn is_headed(&self, heading: &str) {
        self.sees(&format!("//h1[normalize-space(.)=\"{heading}\"]")).await;
    }

    /// Names an account that Microsoft's page does not list.
    pub(crate) async fn type_account(&self, email: &str) {
        let field = self.wait_for(Locator::Css("input[name=user][type=email]")).await;
        field.send_keys(&format!("{email}{}", char::from(Key::Enter))).await.expect("a field takes keys");
    }

    /// What can be read in such elements now.
    pub(crate) async fn texts(&self, css: &str) -> Vec<String> {
        let script = "return [...document.querySelectorAll(arguments[0])].map((one) => one.innerText.trim())";
        let texts = self.client.execute(script, vec![css.into()]).await.expect("a script runs");
        let texts = texts.as_array().into_iter().flatten();
        texts.filter_map(|text| text.as_str().map(str::to_owned)).collect()
    }

    /// What the browser complained about since it was last asked: chromedriver's own command.
    pub(crate) async fn said_in_the_log(&self) -> Vec<String> {
        let lines = self.client.issue_cmd(Log).await.expect("chromedriver keeps a log");
        lines.as_array().into_iter().flatten().map(|line| line["message"].to_string()).collect()
    }

    /// A property of the first such element, as it is applied.
    pub(crate) async fn style_of(&self, css: &str, property: &str) -> String {
        let script = "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]";
        let value = self.client.execute(script, vec![css.into(), property.into()]).await;
        value.expect("a script runs").as_str().unwrap_or_default().to_owned()
    }

    /// Presses Tab from the top of the page until it has left it; gives where the links lead that had the focus.
    pub(crate) async fn link_stops(&self) -> Vec<String> {
        let mut stops = Vec::new();
        loop {
            self.press(Key::Tab).await;
            let stop = self.client.active_element().await.expect("something has the focus");
            if stop.tag_name().await.expect("it stays") == "body" || stops.len() > MOST_STOPS {
                return stops;
            }
            stops.push(stop.prop("href").await.expect("it stays").unwrap_or_default());
        }
    }

    /// Takes a picture for people to look at.
    pub(crate) async fn shot(&self, name: &str) {
        assert!(self.try_shot(name).await, "no picture of {name}");
    }

    /// Takes a picture of one part of the page, as far as it is in the window.
    pub(crate) async fn picture(&self, id: &str, name: &str) {
        let script = "document.getElementById(arguments[0]).scrollIntoView({ behavior: 'instant' })";
        self.client.execute(script, vec![id.into()]).await.expect("a script runs");
        let png = self.field(id).await.screenshot().await.expect("a picture");
        std::fs::write(self.file(name), png).expect("the picture is kept");
    }

    fn file(&self, name: &str) -> PathBuf {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots");
        std::fs::create_dir_all(&folder).expect("a folder for pictures");
        folder.join(format!("{}-{name}.png", self.story))
    }

    /// Prints the page on A4; gives the number of sheets.
    pub(crate) async fn print(&self, name: &str) -> usize {
        let pdf = self.client.print(PrintConfiguration::default()).await.expect("the page is printed");
        std::fs::write(self.file(name).with_extension("pdf"), &pdf).expect("the print is kept");
        pdf.windows(11).filter(|part| *part == b"/Type /Page").count()
            - pdf.windows(12).filter(|part| *part == b"/Type /Pages").count()
    }

    /// A picture for the end of a story that failed.
    pub(crate) async fn try_shot(&self, name: &str) -> bool {
        let Ok(png) = self.client.screenshot().await else { return false };
        std::fs::write(self.file(name), png).is_ok()
    }
}

/// `POST /session/{id}/se/log`: what is in the console.
#[derive(Debug)]
struct Log;

impl WebDriverCompatibleCommand for Log {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, <Url as FromStr>::Err> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(r#"{"type":"browser"}"#.to_owned()))
    }
}

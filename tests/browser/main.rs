//! The journeys that need a real browser: Chromium, driven through WebDriver, against a real `opcms serve`.

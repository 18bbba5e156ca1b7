//! The ways out of the house: mail, and robots of group chats. Each takes a delivery and says what became of it; neither
//! knows of the database.

pub mod mail;
pub mod smtp;

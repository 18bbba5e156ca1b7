//! What a file may be called, what it is by its bytes, and how the writing of one ends.

use std::sync::Arc;
use std::time::Duration;

use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::throttle::{ThrottleConfig, ThrottledStore};
use object_store::{ObjectStore, ObjectStoreExt as _};
use tokio::runtime::Handle;

use crate::i18n::Tr;

use super::content::{Content, FileType, Shape, Sniffer, of_ole, of_zip, zip_directory};
use super::rules::{can_be_called, clean_name, is_what_it_claims, size_in_words};
use super::writing::Writing;

#[test]
fn a_name_leads_nobody_astray() {
    for (sent, kept) in [
        ("合同.pdf", "合同.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\li\\合同.pdf", "合同.pdf"),
        ("a/b\\c.txt", "c.txt"),
        ("a\0b\r\nc.txt", "abc.txt"),
        ("photo\u{202e}gpj.exe", "photogpj.exe"),
        ("a\u{200b}\u{feff}.txt", "a.txt"),
        ("e\u{301}.txt", "\u{e9}.txt"),
        ("a<b>:\"|?*.txt", "a_b______.txt"),
        ("  .htaccess ", "htaccess"),
        ("name.txt. . .", "name.txt"),
        ("CON.txt", "_CON.txt"),
        ("com1", "_com1"),
        ("lpt9.tar.gz", "_lpt9.tar.gz"),
        ("console.txt", "console.txt"),
        ("👩‍👩‍👧.png", "👩‍👩‍👧.png"),
        ("", ""),
        ("...", ""),
        ("/", ""),
    ] {
        assert_eq!(clean_name(sent), kept, "{sent:?}");
    }
    let long = clean_name(&format!("{}.pdf", "长".repeat(300)));
    assert!(long.len() <= 240 && long.ends_with("长.pdf"), "{long}");
    let endless = clean_name(&format!("a.{}", "x".repeat(1000)));
    assert_eq!(endless.len(), 239);
    assert_eq!(clean_name(&long), long, "what is clean stays");
}

#[test]
fn the_ending_is_one_of_those_that_are_taken() {
    for (name, claimed) in [
        ("a.pdf", Some(FileType::Pdf)),
        ("a.PDF", Some(FileType::Pdf)),
        ("a.jpeg", Some(FileType::Jpeg)),
        ("a.pdf.exe", None),
        ("a.html", None),
        ("a.svg", None),
        ("a.docm", None),
        ("pdf", None),
        (".pdf", None),
        ("a.", None),
        ("", None),
    ] {
        assert_eq!(can_be_called(name, FileType::ALL).ok(), claimed, "{name}");
    }
    assert!(can_be_called("a.pdf", &[FileType::Png]).is_err());
    let refusal = can_be_called("a.exe", &[FileType::Png, FileType::Jpeg]).unwrap_err();
    assert!(refusal.message.text(Tr::ZhCn).contains(".png、.jpg"), "{}", refusal.message.text(Tr::ZhCn));
}

fn look(content: &[u8]) -> Shape {
    let mut sniffer = Sniffer::default();
    // In pieces that cut characters in two.
    content.chunks(3).for_each(|piece| sniffer.take(piece));
    sniffer.finish()
}

#[test]
fn a_file_is_known_by_its_first_bytes() {
    let noise = [0_u8, 1, 2, 0xff, 0xfe, 0, 0x80, 3];
    for (magic, content) in [
        (&b"%PDF-1.4\n%\xe2\xe3\xcf\xd3"[..], Content::Pdf),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", Content::Png),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0", Content::Jpeg),
        (b"GIF89a\x01\0\x01\0\0", Content::Gif),
        (b"RIFF\x24\0\0\0WEBPVP8 ", Content::Webp),
        (b"RIFF\x24\0\0\0WAVEfmt ", Content::Audio),
        (b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0", Content::Program),
        (b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x02\0\x3e\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", Content::Program),
        (b"\0asm\x01\0\0\0", Content::Program),
        (b"Rar!\x1a\x07\x01\0", Content::Archive),
        (b"7z\xbc\xaf\x27\x1c\0\x04", Content::Archive),
        (b"\x1f\x8b\x08\0\0\0\0\0", Content::Archive),
        (b"II*\0\x08\0\0\0", Content::Image),
        (b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41", Content::Video),
        (b"\xff\xfea\0b\0", Content::Utf16),
        (b"\0\x01\x02", Content::Unknown),
        (b"OK then\x07\x00", Content::Unknown),
    ] {
        let mut file = magic.to_vec();
        file.extend(noise.iter().cycle().take(100_000));
        assert_eq!(look(&file), Shape::Is(content), "{}", magic.escape_ascii());
    }
}

#[test]
fn texts_are_told_from_markup_and_scripts() {
    for (text, content) in [
        (&b"a,b\r\n1,2\r\n"[..], Content::Text),
        ("\u{feff}用户名,姓名\nli,李雷".as_bytes(), Content::Text),
        (b"\xd3\xc3\xbb\xa7\xc3\xfb,\xd0\xd5\xc3\xfb\n", Content::Text),
        (b"BM,ID\n", Content::Text),
        (b"From: a@b.cn\r\nSubject: x\r\n\r\n<html>", Content::Text),
        (b"a < b", Content::Text),
        (b"< 5 pieces", Content::Text),
        (b"  \n<!DOCTYPE html>", Content::Html),
        (b"<script>alert(1)</script>", Content::Html),
        (b"\xef\xbb\xbf<HTML>", Content::Html),
        (b"<?xml version=\"1.0\"?><svg xmlns=\"x\">", Content::Svg),
        (b"<?xml version=\"1.0\"?><Invoice/>", Content::Xml),
        (b"<?xml version=\"1.0\"?><html>", Content::Html),
        (b"<?php system('x');", Content::Script),
        (b"#!/usr/bin/env python", Content::Script),
        (b"a\0b", Content::Unknown),
        (b"\xff\xff\xff", Content::Unknown),
    ] {
        assert_eq!(look(text), Shape::Is(content), "{}", text.escape_ascii());
    }
    // One byte far behind the beginning makes it no text.
    let mut long = "文".repeat(100_000).into_bytes();
    assert_eq!(look(&long), Shape::Is(Content::Text));
    long.push(0);
    assert_eq!(look(&long), Shape::Is(Content::Unknown));
}

#[test]
fn a_zip_is_what_the_names_in_it_say() {
    let entry = |name: &str| {
        let mut entry = b"PK\x01\x02".to_vec();
        entry.resize(28, 0);
        entry.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        entry.resize(46, 0);
        entry.extend(name.as_bytes());
        entry
    };
    let types = "[Content_Types].xml";
    for (names, content) in [
        (&[types, "word/document.xml"][..], Content::Docx),
        (&[types, "xl/workbook.xml", "xl/worksheets/sheet1.xml"], Content::Xlsx),
        (&[types, "ppt/presentation.xml"], Content::Pptx),
        (&[types, "word/document.xml", "word/vbaProject.bin"], Content::Macros),
        (&[types, "xl/workbook.xml", "xl/macrosheets/sheet1.xml"], Content::Macros),
        (&["META-INF/MANIFEST.MF", "A.class"], Content::Program),
        (&["word/document.xml"], Content::Zip),
        (&["报表.csv"], Content::Zip),
        (&[], Content::Zip),
    ] {
        let directory: Vec<u8> = names.iter().flat_map(|name| entry(name)).collect();
        assert_eq!(of_zip(&directory), content, "{names:?}");
        for cut in 0..directory.len() {
            of_zip(&directory[..cut]);
        }
    }
    let end = |length: u32, offset: u32| {
        let mut end = b"PK\x05\x06\0\0\0\0\0\0\0\0".to_vec();
        end.extend(length.to_le_bytes());
        end.extend(offset.to_le_bytes());
        end
    };
    assert_eq!(zip_directory(&end(20, 100), 200), Some(100..120));
    for (length, offset) in [(20, 190), (u32::MAX, 0), (0, u32::MAX), (u32::MAX, u32::MAX)] {
        assert_eq!(zip_directory(&end(length, offset), 200), None, "{length} {offset}");
    }
    assert_eq!(zip_directory(b"PK\x05\x06 cut", 200), None);
    assert_eq!(zip_directory(b"", 0), None);
}

#[test]
fn an_old_office_file_is_what_its_directory_says() {
    let wide = |name: &str| -> Vec<u8> { name.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    for (names, content) in [
        (&["Root Entry", "WordDocument"][..], Content::Doc),
        (&["Root Entry", "Workbook"], Content::Xls),
        (&["Root Entry", "PowerPoint Document"], Content::Ppt),
        (&["Root Entry", "EncryptedPackage"], Content::Locked),
        (&["Root Entry", "Workbook", "_VBA_PROJECT_CUR"], Content::Macros),
        (&["Root Entry", "an installer"], Content::Unknown),
    ] {
        let directory: Vec<u8> = names.iter().flat_map(|name| wide(name)).collect();
        assert_eq!(of_ole(&directory), content, "{names:?}");
    }
    let mut header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    header.resize(2048, 0);
    header[0x1e] = 9;
    header[0x30] = 1;
    assert_eq!(look(&header), Shape::Ole(1024..2048));
    header[0x30..0x34].copy_from_slice(&[0xff; 4]);
    assert_eq!(look(&header), Shape::Is(Content::Unknown), "the directory is not in the file");
    assert_eq!(look(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), Shape::Is(Content::Unknown));
}

#[test]
fn a_file_that_is_not_what_it_claims_is_told_what_it_is() {
    let refusal = is_what_it_claims("报价.pdf", FileType::Pdf, Content::Program).unwrap_err();
    assert_eq!(refusal.message.text(Tr::ZhCn), "“报价.pdf”的内容其实是“程序”，不是“PDF 文档”，没有保存。");
    for kind in FileType::ALL {
        assert!(is_what_it_claims("a", *kind, kind.content()).is_ok());
        assert!(is_what_it_claims("a", *kind, Content::Unknown).is_err());
    }
}

#[test]
fn sizes_are_written_as_people_say_them() {
    for (size, words) in [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KB"),
        (1536, "1.5 KB"),
        (10 * 1024, "10 KB"),
        (1_048_575, "1024 KB"),
        (52_428_800, "50 MB"),
        (1_610_612_736, "1.5 GB"),
    ] {
        assert_eq!(size_in_words(size), words);
    }
}

#[tokio::test]
async fn whoever_gives_an_object_up_waits_for_its_end() {
    let slow = ThrottleConfig { wait_put_per_call: Duration::from_millis(50), ..ThrottleConfig::default() };
    let objects: Arc<dyn ObjectStore> = Arc::new(ThrottledStore::new(InMemory::new(), slow));
    let path = Path::from("a/b");
    let mut writing = Writing::begin(Handle::current(), Arc::clone(&objects), path.clone());
    writing.send(b"a,b".to_vec().into()).await;
    {
        // Asked to end, and then nobody listens any more.
        let mut end = Box::pin(writing.finish());
        assert!(futures_util::poll!(&mut end).is_pending());
    }
    writing.give_up().await;
    assert!(objects.head(&path).await.is_ok(), "it is there, for whoever removes it now");

    let path = Path::from("a/c");
    let writing = Writing::begin(Handle::current(), Arc::clone(&objects), path.clone());
    writing.send(b"a,b".to_vec().into()).await;
    writing.give_up().await;
    assert!(objects.head(&path).await.is_err(), "what has not ended never was");
}

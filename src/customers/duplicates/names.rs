//! What is left of a name when two are compared: without the city, without brackets, in simplified characters.

use std::collections::HashMap;
use std::sync::LazyLock;

use pinyin::ToPinyin as _;

use crate::customers::directory::rules::normalised_name;

/// Provinces and large cities, as names of companies begin with them.
const PLACES: &[&str] = &[
    "北京",
    "上海",
    "天津",
    "重庆",
    "河北",
    "山西",
    "辽宁",
    "吉林",
    "黑龙江",
    "江苏",
    "浙江",
    "安徽",
    "福建",
    "江西",
    "山东",
    "河南",
    "湖北",
    "湖南",
    "广东",
    "海南",
    "四川",
    "贵州",
    "云南",
    "陕西",
    "甘肃",
    "青海",
    "台湾",
    "内蒙古",
    "广西",
    "西藏",
    "宁夏",
    "新疆",
    "香港",
    "澳门",
    "石家庄",
    "唐山",
    "保定",
    "太原",
    "沈阳",
    "大连",
    "长春",
    "哈尔滨",
    "南京",
    "苏州",
    "无锡",
    "常州",
    "徐州",
    "南通",
    "扬州",
    "盐城",
    "镇江",
    "泰州",
    "杭州",
    "宁波",
    "温州",
    "嘉兴",
    "湖州",
    "绍兴",
    "金华",
    "台州",
    "义乌",
    "合肥",
    "芜湖",
    "福州",
    "厦门",
    "泉州",
    "漳州",
    "南昌",
    "赣州",
    "济南",
    "青岛",
    "烟台",
    "潍坊",
    "临沂",
    "郑州",
    "洛阳",
    "武汉",
    "宜昌",
    "襄阳",
    "长沙",
    "株洲",
    "广州",
    "深圳",
    "珠海",
    "东莞",
    "佛山",
    "中山",
    "惠州",
    "江门",
    "汕头",
    "南宁",
    "柳州",
    "桂林",
    "海口",
    "三亚",
    "成都",
    "绵阳",
    "贵阳",
    "昆明",
    "大理",
    "西安",
    "咸阳",
    "兰州",
    "西宁",
    "银川",
    "乌鲁木齐",
    "呼和浩特",
    "包头",
    "拉萨",
];

/// Traditional characters that names of companies are written with, each before its simplified one.
const SIMPLIFIED: &str = "務务業业東东華华國国際际學学園园電电腦脑貿贸發发實实億亿達达興兴產产資资區区門门開开關关廣广場场\
    車车馬马龍龙鳳凤鳥鸟魚鱼麥麦黃黄齊齐製制裝装設设計计說说話话語语調调議议訊讯識识證证評评詢询認认譽誉\
    財财貨货販贩貴贵費费貝贝賓宾贊赞購购軟软輕轻輝辉運运進进連连遠远還还選选遞递鄉乡醫医釋释銀银銷销鋼钢錢钱\
    錦锦鎮镇鐵铁長长陳陈陽阳階阶際际隊队隨随難难雲云電电靜静韓韩頂顶順顺須须預预領领頭头題题顏颜類类顧顾\
    風风飛飞飯饭飲饮館馆驗验驛驿體体點点黨党龐庞優优偉伟傳传價价傑杰會会偉伟儀仪億亿儲储兒儿內内兩两冊册\
    別别剛刚創创劃划劉刘動动勞劳勝胜勵励匯汇區区協协單单衛卫廠厂廳厅歷历參参雙双變变號号吳吴員员團团圖图\
    圓圆報报壇坛壓压壽寿夢梦頭头夾夹奪夺獎奖婦妇嬌娇孫孙寧宁寬宽寶宝將将專专對对導导屆届層层島岛嶺岭岡冈幣币\
    師师帳帐帶带幫帮幹干庫库廟庙廢废張张強强彈弹後后徑径從从復复徵征應应懷怀態态慶庆憑凭戰战戲戏戶户掃扫據据\
    擇择擴扩攝摄數数斷断時时晉晋晝昼曆历書书會会條条來来極极構构標标樂乐樓楼樣样樹树橋桥機机檢检權权歡欢歐欧\
    歲岁歸归殘残氣气漢汉湯汤滿满漁渔潔洁濟济灣湾灝灏為为無无煙烟營营爾尔獨独獲获瑪玛環环現现電电畫画畢毕\
    療疗盡尽監监盤盘眾众碼码確确禮礼種种稱称積积穩稳窩窝築筑節节範范籌筹簡简糧粮系系約约紅红納纳純纯紙纸級级\
    細细終终組组結结絕绝統统絲丝經经綠绿維维網网綜综綿绵緊紧線线緣缘練练縣县總总績绩織织繼继續续羅罗義义習习\
    聖圣聯联聲声職职聽听肅肃腳脚臺台與与舉举舊旧艙舱藝艺節节蘇苏蘭兰處处虛虚術术補补裡里製制複复見见規规視视\
    覺觉覽览觀观觸触訂订訓训記记許许診诊詳详試试該该誠诚請请諸诸諾诺謀谋講讲謝谢護护讀读豐丰負负責责質质賞赏\
    賢贤賣卖賬账賴赖賽赛跡迹躍跃軍军軌轨較较載载輛辆輪轮輸输轉转辦办農农迴回邁迈郵邮鄧邓鄭郑鄰邻釐厘針针鈞钧\
    鉑铂銘铭鋒锋錄录鍋锅鍵键鐘钟鑄铸鑒鉴鑽钻閃闪閉闭問问間间閣阁閱阅闊阔陸陆陰阴隱隐雜杂離离霧雾靈灵韻韵頻频\
    顯显飄飘養养餘余駐驻駿骏騰腾驕骄鮮鲜鴻鸿鵬鹏麗丽";

/// The simplified character of each traditional one.
static SIMPLE: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let all: Vec<char> = SIMPLIFIED.chars().filter(|c| !c.is_whitespace()).collect();
    all.chunks_exact(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?))).collect()
});

fn simplified(c: char) -> char {
    SIMPLE.get(&c).copied().unwrap_or(c)
}

/// A name taken apart for comparing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NameParts {
    /// What is left without the city and the brackets around it: 杭州诺合公寓管理 → 诺合公寓管理.
    pub core: String,
    /// The city or the province.
    pub place: Option<&'static str>,
    /// How the core sounds: `nuo he gong yu guan li`.
    pub sounds: String,
}

impl NameParts {
    /// Of a name as people write it.
    pub fn of(name: &str) -> NameParts {
        let plain: String = normalised_name(name).chars().map(simplified).collect();
        let (rest, in_brackets) = without_place_in_brackets(&plain);
        // The legal form may have stood before a bracket: 诺合有限公司(杭州).
        let rest = if in_brackets.is_some() { normalised_name(&rest) } else { rest };
        let (core, at_start) = without_place_at_start(&rest);
        let core: String = core.chars().filter(|c| c.is_alphanumeric()).collect();
        let sounds = core.chars().map(sound).collect::<Vec<_>>().join(" ");
        NameParts { core, place: at_start.or(in_brackets), sounds }
    }

    /// How many letters the core has.
    pub fn len(&self) -> usize {
        self.core.chars().count()
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.core.is_empty()
    }
}

fn sound(c: char) -> String {
    c.to_pinyin().map_or_else(|| c.to_string(), |sound| sound.plain().to_owned())
}

fn without_place_in_brackets(name: &str) -> (String, Option<&'static str>) {
    let Some((before, rest)) = name.split_once('(') else { return (name.to_owned(), None) };
    let Some((inside, after)) = rest.split_once(')') else { return (name.to_owned(), None) };
    let place = PLACES.iter().copied().find(|place| {
        inside.strip_prefix(place).is_some_and(|rest| matches!(rest, "" | "市" | "省" | "分" | "分公司"))
    });
    match place {
        Some(place) => (format!("{before}{after}"), Some(place)),
        None => (name.to_owned(), None),
    }
}

/// The place goes only where enough is left to tell companies apart.
fn without_place_at_start(name: &str) -> (&str, Option<&'static str>) {
    for place in PLACES {
        if let Some(rest) = name.strip_prefix(place) {
            let rest = rest.strip_prefix(['市', '省']).unwrap_or(rest);
            return if rest.chars().count() >= 2 { (rest, Some(place)) } else { (name, Some(place)) };
        }
    }
    (name, None)
}

/// How near two names are: whether one letter is too many or two stand in another order, or one letter is another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nearness {
    /// One letter too many, or two neighbours the other way round.
    Slip,
    /// One letter is another one; two, in a name of eight letters or more.
    Other,
}

/// The nearness of two different names of at least four letters.
pub fn nearness(one: &str, other: &str) -> Option<Nearness> {
    let (mut one, mut other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if one.len() > other.len() {
        std::mem::swap(&mut one, &mut other);
    }
    if one.len() < 4 || one == other || other.len() - one.len() > 1 {
        return None;
    }
    if other.len() > one.len() {
        let start = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
        let same = one.get(start..) == other.get(start + 1..);
        return same.then_some(Nearness::Slip);
    }
    let differing: Vec<usize> = (0..one.len()).filter(|index| one.get(*index) != other.get(*index)).collect();
    match differing.as_slice() {
        [_] => Some(Nearness::Other),
        [first, second] => {
            let swapped = one.get(*first) == other.get(*second) && one.get(*second) == other.get(*first);
            if swapped && second - first == 1 {
                return Some(Nearness::Slip);
            }
            (one.len() >= 8).then_some(Nearness::Other)
        }
        _ => None,
    }
}

/// Whether one name is most of the other: at least four letters, and three fifths of it, at its beginning or its end.
pub fn is_contained(one: &str, other: &str) -> bool {
    let (short, long) =
        if one.chars().count() <= other.chars().count() { (one, other) } else { (other, one) };
    let (few, many) = (short.chars().count(), long.chars().count());
    few >= 4 && few < many && few * 5 >= many * 3 && (long.starts_with(short) || long.ends_with(short))
}

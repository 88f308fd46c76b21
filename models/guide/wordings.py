"""Other wordings of a question by rule: how it begins, and words that may stand for each other in questions to this page."""

import random
import re

# A question that begins with one may begin with another; grammar may suffer, as in questions that people type.
BEGINNINGS = {
    "en": [
        ["What is ", "What's ", "Explain ", "Tell me about ", "Describe ", "Define ", "What exactly is ", "Please explain "],
        ["What are ", "Explain ", "Tell me about ", "Describe ", "What exactly are "],
        ["How do I ", "How can I ", "How to ", "What is the way to ", "How would I ", "I want to ", "Help me ", "Show me how to ", "How does one "],
        ["Can I ", "Could I ", "Is it possible to ", "May I ", "Am I able to ", "Is there a way to ", "Am I allowed to ", "Would I be able to "],
        ["Why is ", "How come ", "For what reason is ", "What makes "],
        ["Why does ", "How come ", "For what reason does ", "What makes "],
        ["Does it ", "Will it ", "Would it ", "Is it going to "],
        ["Do I need ", "Must I have ", "Do I have to have ", "Is there a need for ", "Do you require "],
        ["Which ", "What "],
        ["Where is ", "Where's ", "Where do I find ", "Where can I see "],
        ["How much ", "What amount of "],
        ["Is there ", "Do you have ", "Does this page have ", "Have you got "],
    ],
    "zh": [
        ["什么是", "解释一下", "介绍一下", "说说", "讲讲", "请解释", "啥是"],
        ["怎么", "如何", "怎样", "咋", "要怎么", "该怎么", "我想知道怎么"],
        ["为什么", "为何", "为啥", "怎么会", "什么原因"],
        ["可以", "能不能", "可不可以", "能", "是否可以", "我能"],
        ["有没有", "是否有", "有无"],
        ["哪个", "哪种", "哪一个", "什么"],
    ],
}

# Words that may stand for each other, wherever they stand.
WORDS = {
    "en": [
        ["delete", "remove", "erase", "get rid of"],
        ["phone", "mobile", "smartphone", "cell phone"],
        ["computer", "laptop", "PC", "machine"],
        ["page", "site", "website", "web page"],
        ["fast", "quick"],
        ["faster", "quicker"],
        ["slow", "sluggish", "laggy"],
        ["big", "large"],
        ["small", "little", "tiny"],
        ["answer", "reply", "response"],
        ["answers", "replies", "responses"],
        ["internet", "network", "net", "connection"],
        ["offline", "without internet", "without a network", "with no connection"],
        ["type", "write", "enter", "put in"],
        ["sent", "transmitted", "uploaded", "passed on"],
        ["server", "servers"],
        ["private", "confidential"],
        ["show", "display"],
        ["change", "adjust", "alter", "set"],
        ["stop", "cancel", "halt", "interrupt"],
        ["start", "begin"],
        ["need", "require"],
        ["free", "free of charge", "gratis"],
        ["memory", "RAM"],
        ["save", "store", "keep"],
        ["saved", "stored", "kept"],
        ["happens", "goes on"],
        ["mean", "stand for", "signify"],
        ["works", "functions"],
        ["purpose", "point"],
        ["difference", "distinction"],
        ["better", "superior"],
        ["important", "relevant"],
        ["make", "create", "produce"],
        ["made", "created", "built"],
        ["people", "folks", "persons"],
        ["quality", "goodness"],
        ["conversation", "chat"],
        ["size", "how big"],
        ["language model", "LLM", "AI model"],
        ["graphics card", "GPU"],
        ["processor", "CPU"],
        ["download", "get", "fetch"],
    ],
    "zh": [
        ["怎么", "如何", "怎样", "咋"],
        ["为什么", "为何", "为啥"],
        ["能不能", "可不可以", "可以", "能否"],
        ["手机", "移动设备"],
        ["电脑", "计算机"],
        ["网页", "页面", "网站"],
        ["下载", "获取"],
        ["删除", "删掉", "移除", "清除"],
        ["回答", "回复", "答案"],
        ["文字", "内容", "消息", "输入的东西"],
        ["服务器", "云端服务器"],
        ["没网", "断网", "离线", "没有网络"],
        ["网络", "互联网"],
        ["需要", "需", "得有"],
        ["是什么意思", "什么意思", "指什么", "是啥"],
        ["是什么", "是啥", "指什么", "是什么东西"],
        ["占用", "占去"],
        ["保存", "储存"],
        ["有什么用", "干什么用", "用来做什么", "有啥用"],
        ["区别", "差别", "不同"],
        ["修改", "调整", "更改"],
        ["停止", "停下", "中止"],
        ["更快", "快一点"],
        ["打开", "开启"],
        ["对话", "聊天"],
        ["显卡", "GPU"],
        ["处理器", "CPU"],
        ["内存", "RAM"],
        ["免费", "不要钱", "不花钱"],
        ["隐私", "私密"],
        ["安全", "保险"],
        ["大模型", "大语言模型", "语言模型"],
        ["解释", "说明", "讲解"],
    ],
}
SHARE = 0.3


class Wordings:
    def __init__(self, random_: random.Random) -> None:
        self.random = random_
        self.beginnings = {language: [sorted(group, key=len, reverse=True) for group in groups] for language, groups in BEGINNINGS.items()}
        self.words = {
            language: [(group, pattern_of(group, language)) for group in groups] for language, groups in WORDS.items()
        }

    def reword(self, text: str, language: str) -> str:
        if self.random.random() < SHARE:
            text = self.begin_otherwise(text, language)
        for group, pattern in self.words[language]:
            if pattern.search(text) and self.random.random() < SHARE:
                text = pattern.sub(lambda _, group=group: self.random.choice(group), text, count=1)
        return text

    def begin_otherwise(self, text: str, language: str) -> str:
        folded = text.casefold()
        for group in self.beginnings[language]:
            for beginning in group:
                if folded.startswith(beginning.casefold()):
                    return self.random.choice(group) + text[len(beginning) :]
        return text


def pattern_of(group: list[str], language: str) -> re.Pattern[str]:
    words = "|".join(re.escape(word) for word in sorted(group, key=len, reverse=True))
    return re.compile(rf"\b(?:{words})\b" if language == "en" else words, re.IGNORECASE)

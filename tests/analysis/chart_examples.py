"""Examples of every chart with hard rows: long names, nobody, all and none satisfied, few and many answers."""

from __future__ import annotations

import numpy as np

from analysis.charts import (
    FunnelWords,
    IntervalWords,
    LevelWords,
    QuadrantWords,
    TrendWords,
    funnel_chart,
    interval_chart,
    level_chart,
    quadrant_chart,
    trend_chart,
)
from analysis.control_chart import laney_p_prime, signals
from analysis.interval import clopper_pearson

VI = {
    "title": "Tỷ lệ hài lòng, 01/10/2026–31/10/2026",
    "target": "Chỉ tiêu 90%",
    "rate": "Hài lòng",
    "answered": "Số phiếu",
    "interval": "khoảng tin cậy 95%",
    "no_answers": "chưa có phiếu",
}
VERDICTS = {"met": "Đạt", "inconclusive": "Chưa đủ căn cứ kết luận", "not_met": "Chưa đạt"}
INTERVAL_WORDS = IntervalWords(**VI, verdicts=VERDICTS)
TREND_WORDS = TrendWords(
    **VI,
    mean="Trung bình",
    median="Trung vị",
    limits_of_movement="Giới hạn biến động thông thường",
    improvement="dấu hiệu cải thiện",
    deterioration="dấu hiệu xấu đi",
    provisional="Dưới 12 kỳ: chưa vẽ giới hạn",
)
FUNNEL_WORDS = FunnelWords(
    **VI,
    within="trong giới hạn",
    above="cao hơn giới hạn 95%",
    far_above="cao hơn giới hạn 99,8%",
    below="thấp hơn giới hạn 95%",
    far_below="thấp hơn giới hạn 99,8%",
)
LEVEL_WORDS = LevelWords(
    **VI, levels=("Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng")
)
QUADRANT_WORDS = QuadrantWords(
    **VI,
    importance="Mức độ liên quan với hài lòng chung",
    mean_importance="mức liên quan trung bình",
    first="Ưu tiên cải thiện",
    keep="Giữ vững",
    later="Cải thiện sau",
    fine="Duy trì",
)
NAMES = [
    "Sở Nội vụ",
    "Trung tâm Phục vụ hành chính công tỉnh",
    "Ủy ban nhân dân xã Hòa Minh (đơn vị hành chính thuộc đặc khu kinh tế ven biển phía đông nam)",
    "Sở Tài chính",
    "Ban Quản lý Khu kinh tế",
    "Sở Y tế",
    "Ủy ban nhân dân phường Long Châu",
]
K, N = np.array([475, 1893, 1480, 0, 36, 0, 160]), np.array([500, 2010, 1700, 0, 36, 40, 200])
COUNTS = [
    (4, 10, 11, 175, 300),
    (17, 50, 50, 893, 1000),
    (60, 60, 100, 480, 1000),
    (0,) * 5,
    (0, 0, 0, 0, 36),
    (40, 0, 0, 0, 0),
    (10, 20, 10, 60, 100),
]
IMPORTANCE = [0.21, 0.34, 0.12, 0.10, 0.09, 0.03, 0.11]
WIDTHS = (320, 360, 480, 640)


def figures(k, n, names=NAMES, **columns):
    limits = clopper_pearson(k, n)
    verdicts = np.where(limits.lower >= 0.9, "met", np.where(limits.upper <= 0.9, "not_met", "inconclusive"))
    return [
        {
            "name": names[i],
            "answered": int(n[i]),
            "rate": float(k[i] / n[i]) if n[i] else None,
            "lower": float(limits.lower[i]),
            "upper": float(limits.upper[i]),
            "verdict": str(verdicts[i]),
            **{key: values[i] for key, values in columns.items()},
        }
        for i in range(len(n))
    ]


def trend_of(k, n, width):
    limits = clopper_pearson(k, n)
    periods = [f"{i % 12 + 1:02d}/{2025 + i // 12}" for i in range(len(k))]
    return trend_chart(
        periods, signals(laney_p_prime(k, n)), limits.lower, limits.upper, "0.90", TREND_WORDS, width=width
    )


CHARTS = {
    "intervals": lambda width: interval_chart(figures(K, N), "0.90", INTERVAL_WORDS, width=width),
    "funnel": lambda width: funnel_chart(figures(K, N), "0.90", FUNNEL_WORDS, width=width),
    "levels": lambda width: level_chart(figures(K, N, counts=COUNTS), "0.90", LEVEL_WORDS, width=width),
    "quadrant": lambda width: quadrant_chart(
        figures(K[:5], N[:5], importance=IMPORTANCE), "0.90", QUADRANT_WORDS, width=width
    ),
    "trend": lambda width: trend_of(
        [850, 862, 845, 871, 855, 866, 858, 861, 849, 921, 930, 926, 0, 928, 935, 931, 924, 936, 929],
        [1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 0, 1000, 1000, 1000, 1000, 1000, 1000],
        width,
    ),
    "short trend": lambda width: trend_of([90, 0, 50, 45], [100, 0, 50, 50], width),
}

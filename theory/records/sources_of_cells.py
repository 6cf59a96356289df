"""The papers and libraries whose cells are in `theory.cells`."""

from backproof.theory.records.records import Source

GERS_2002 = Source(
    key="Gers2002",
    title="Learning precise timing with LSTM recurrent networks",
    by="F. A. Gers, N. N. Schraudolph, J. Schmidhuber, Journal of Machine Learning Research 3",
    year=2002,
)

GREFF = Source(
    key="Greff2017",
    title="LSTM: a search space odyssey",
    by="K. Greff, R. K. Srivastava, J. Koutník, B. R. Steunebrink, J. Schmidhuber, "
    "IEEE Transactions on Neural Networks and Learning Systems 28(10)",
    year=2017,
)

BA = Source(
    key="Ba2016",
    title="Layer normalization",
    by="J. L. Ba, J. R. Kiros, G. E. Hinton, arXiv:1607.06450",
    year=2016,
)

SAK = Source(
    key="Sak2014",
    title="Long short-term memory recurrent neural network architectures for large scale acoustic modeling",
    by="H. Sak, A. Senior, F. Beaufays, Interspeech",
    year=2014,
)

KRUEGER = Source(
    key="Krueger2017",
    title="Zoneout: regularizing RNNs by randomly preserving hidden activations",
    by="D. Krueger, T. Maharaj, J. Kramár, M. Pezeshki, N. Ballas, N. R. Ke, A. Goyal, Y. Bengio, "
    "A. Courville, C. Pal, ICLR",
    year=2017,
)

ZHOU = Source(
    key="Zhou2016",
    title="Minimal gated unit for recurrent neural networks",
    by="G.-B. Zhou, J. Wu, C.-L. Zhang, Z.-H. Zhou, International Journal of Automation and Computing 13(3)",
    year=2016,
)

FENG = Source(
    key="Feng2024",
    title="Were RNNs all we needed?",
    by="L. Feng, F. Tung, M. O. Ahmed, Y. Bengio, H. Hajimirsadeghi, arXiv:2410.01201",
    year=2024,
)

CHEN = Source(
    key="Chen2017",
    title="MinimalRNN: toward more interpretable and trainable recurrent neural networks",
    by="M. Chen, arXiv:1711.06788",
    year=2017,
)

LI = Source(
    key="Li2018",
    title="Independently recurrent neural network (IndRNN): building a longer and deeper RNN",
    by="S. Li, W. Li, C. Cook, C. Zhu, Y. Gao, CVPR",
    year=2018,
)

JAEGER = Source(
    key="Jaeger2007",
    title="Optimization and applications of echo state networks with leaky-integrator neurons",
    by="H. Jaeger, M. Lukoševičius, D. Popovici, U. Siewert, Neural Networks 20(3)",
    year=2007,
)

ERICHSON = Source(
    key="Erichson2021",
    title="Lipschitz recurrent neural networks",
    by="N. B. Erichson, O. Azencot, A. Queiruga, L. Hodgkinson, M. W. Mahoney, ICLR",
    year=2021,
)

GU_DAO = Source(
    key="GuDao2023",
    title="Mamba: linear-time sequence modeling with selective state spaces",
    by="A. Gu, T. Dao, arXiv:2312.00752",
    year=2023,
)

BECK = Source(
    key="Beck2024",
    title="xLSTM: extended long short-term memory",
    by="M. Beck, K. Pöppel, M. Spanring, A. Auer, O. Prudnikova, M. Kopp, G. Klambauer, "
    "J. Brandstetter, S. Hochreiter, NeurIPS",
    year=2024,
)

SCHUSTER = Source(
    key="SchusterPaliwal1997",
    title="Bidirectional recurrent neural networks",
    by="M. Schuster, K. K. Paliwal, IEEE Transactions on Signal Processing 45(11)",
    year=1997,
)

ZAREMBA = Source(
    key="Zaremba2014",
    title="Recurrent neural network regularization",
    by="W. Zaremba, I. Sutskever, O. Vinyals, arXiv:1409.2329",
    year=2014,
)

PACKED = Source(
    key="PyTorchPacked",
    title="torch.nn.utils.rnn.pack_padded_sequence",
    by="PyTorch, documentation",
)

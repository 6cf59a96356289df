"""What is cited. The five sets of lecture notes come first; `backproof.theory.claims` judges their statements."""

from __future__ import annotations

from backproof.theory.records.records import Source

TRAINING_RNNS = Source(key="A", title="Training RNNs: gradients through time (handwritten notes)")
CS6180 = Source(key="B", title="CS 6180 lecture notes")
FYS5429 = Source(key="C", title="FYS5429 lecture, 5 March 2024")
SLIDES = Source(key="D", title="Exploding and vanishing gradients (slides)")
AACHEN = Source(key="E", title="RWTH Aachen slides on recurrent neural networks")

WERBOS = Source(
    key="Werbos1990",
    title="Backpropagation through time: what it does and how to do it",
    by="P. J. Werbos, Proceedings of the IEEE 78(10)",
    year=1990,
)

PASCANU = Source(
    key="Pascanu2013",
    title="On the difficulty of training recurrent neural networks",
    by="R. Pascanu, T. Mikolov, Y. Bengio, ICML",
    year=2013,
)

BENGIO = Source(
    key="Bengio1994",
    title="Learning long-term dependencies with gradient descent is difficult",
    by="Y. Bengio, P. Simard, P. Frasconi, IEEE Transactions on Neural Networks 5(2)",
    year=1994,
)

HORN_JOHNSON = Source(
    key="HornJohnson", title="Matrix Analysis, 2nd edition", by="R. A. Horn, C. R. Johnson", year=2012
)

HIGHAM = Source(
    key="Higham2002",
    title="Accuracy and Stability of Numerical Algorithms, 2nd edition",
    by="N. J. Higham",
    year=2002,
)

MEZZADRI = Source(
    key="Mezzadri2007",
    title="How to generate random matrices from the classical compact groups",
    by="F. Mezzadri, Notices of the AMS 54(5)",
    year=2007,
)

GINIBRE = Source(
    key="Ginibre1965",
    title="Statistical ensembles of complex, quaternion, and real matrices",
    by="J. Ginibre, Journal of Mathematical Physics 6",
    year=1965,
)

BRIDLE = Source(
    key="Bridle1990",
    title="Probabilistic interpretation of feedforward classification network outputs, with relationships to "
    "statistical pattern recognition",
    by="J. S. Bridle, in Neurocomputing: algorithms, architectures and applications",
    year=1990,
)

VORONTSOV = Source(
    key="Vorontsov2017",
    title="On orthogonality and learning recurrent networks with long term dependencies",
    by="E. Vorontsov, C. Trabelsi, S. Kadoury, C. Pal, ICML",
    year=2017,
)

LE_JAITLY_HINTON = Source(
    key="LeJaitlyHinton2015",
    title="A simple way to initialize recurrent networks of rectified linear units",
    by="Q. V. Le, N. Jaitly, G. E. Hinton, arXiv:1504.00941",
    year=2015,
)

HELFRICH = Source(
    key="Helfrich2018",
    title="Orthogonal recurrent neural networks with scaled Cayley transform",
    by="K. Helfrich, D. Willmott, Q. Ye, ICML",
    year=2018,
)

TREFETHEN_EMBREE = Source(
    key="TrefethenEmbree",
    title="Spectra and Pseudospectra: the behavior of nonnormal matrices and operators",
    by="L. N. Trefethen, M. Embree",
    year=2005,
)

SOMPOLINSKY = Source(
    key="Sompolinsky1988",
    title="Chaos in random neural networks",
    by="H. Sompolinsky, A. Crisanti, H. J. Sommers, Physical Review Letters 61",
    year=1988,
)

ENGELKEN = Source(
    key="Engelken2023",
    title="Lyapunov spectra of chaotic recurrent neural networks",
    by="R. Engelken, F. Wolf, L. F. Abbott, Physical Review Research 5",
    year=2023,
)

GLOROT_BENGIO = Source(
    key="GlorotBengio2010",
    title="Understanding the difficulty of training deep feedforward neural networks",
    by="X. Glorot, Y. Bengio, AISTATS",
    year=2010,
)

WILLIAMS_PENG = Source(
    key="WilliamsPeng1990",
    title="An efficient gradient-based algorithm for on-line training of recurrent network trajectories",
    by="R. J. Williams, J. Peng, Neural Computation 2(4)",
    year=1990,
)

WILLIAMS_ZIPSER = Source(
    key="WilliamsZipser1989",
    title="A learning algorithm for continually running fully recurrent neural networks",
    by="R. J. Williams, D. Zipser, Neural Computation 1(2)",
    year=1989,
)

AICHER = Source(
    key="Aicher2019",
    title="Adaptively truncating backpropagation through time to control gradient bias",
    by="C. Aicher, N. J. Foti, E. B. Fox, UAI",
    year=2019,
)

GRIEWANK_WALTHER = Source(
    key="GriewankWalther2008",
    title="Evaluating Derivatives: principles and techniques of algorithmic differentiation, 2nd edition",
    by="A. Griewank, A. Walther",
    year=2008,
)

HOCHREITER_SCHMIDHUBER = Source(
    key="HochreiterSchmidhuber1997",
    title="Long short-term memory",
    by="S. Hochreiter, J. Schmidhuber, Neural Computation 9(8)",
    year=1997,
)

GRADIENT_FLOW = Source(
    key="Hochreiter2001",
    title="Gradient flow in recurrent nets: the difficulty of learning long-term dependencies",
    by="S. Hochreiter, Y. Bengio, P. Frasconi, J. Schmidhuber, in A field guide to dynamical recurrent networks",
    year=2001,
)

GERS = Source(
    key="Gers2000",
    title="Learning to forget: continual prediction with LSTM",
    by="F. A. Gers, J. Schmidhuber, F. Cummins, Neural Computation 12(10)",
    year=2000,
)

CHO = Source(
    key="Cho2014",
    title="Learning phrase representations using RNN encoder-decoder for statistical machine translation",
    by="K. Cho, B. van Merriënboer, C. Gulcehre, D. Bahdanau, F. Bougares, H. Schwenk, Y. Bengio, EMNLP",
    year=2014,
)

CHANG = Source(
    key="Chang2019",
    title="AntisymmetricRNN: a dynamical system view on recurrent neural networks",
    by="B. Chang, M. Chen, E. Haber, E. H. Chi, ICLR",
    year=2019,
)

ORVIETO = Source(
    key="Orvieto2023",
    title="Resurrecting recurrent neural networks for long sequences",
    by="A. Orvieto, S. L. Smith, A. Gu, A. Fernando, C. Gulcehre, R. Pascanu, S. De, ICML",
    year=2023,
)

ZUCCHET = Source(
    key="ZucchetOrvieto2024",
    title="Recurrent neural networks: vanishing and exploding gradients are not the end of the story",
    by="N. Zucchet, A. Orvieto, NeurIPS",
    year=2024,
)

TALLEC_OLLIVIER = Source(
    key="TallecOllivier2018",
    title="Unbiased online recurrent optimization",
    by="C. Tallec, Y. Ollivier, ICLR, arXiv:1702.05043",
    year=2018,
)

TALLEC_OLLIVIER_2017 = Source(
    key="TallecOllivier2017",
    title="Unbiasing truncated backpropagation through time",
    by="C. Tallec, Y. Ollivier, arXiv:1705.08209",
    year=2017,
)

MENICK = Source(
    key="Menick2021",
    title="A practical sparse approximation for real time recurrent learning",
    by="J. Menick, E. Elsen, U. Evci, S. Osindero, K. Simonyan, A. Graves, ICLR",
    year=2021,
)

BELLEC = Source(
    key="Bellec2020",
    title="A solution to the learning dilemma for recurrent networks of spiking neurons",
    by="G. Bellec, F. Scherr, A. Subramoney, E. Hajek, D. Salaj, R. Legenstein, W. Maass, Nature Communications 11",
    year=2020,
)

ARJOVSKY = Source(
    key="Arjovsky2016",
    title="Unitary evolution recurrent neural networks",
    by="M. Arjovsky, A. Shah, Y. Bengio, ICML",
    year=2016,
)

SAXE = Source(
    key="Saxe2014",
    title="Exact solutions to the nonlinear dynamics of learning in deep linear neural networks",
    by="A. M. Saxe, J. L. McClelland, S. Ganguli, ICLR",
    year=2014,
)

ZHANG = Source(
    key="Zhang2020",
    title="Why gradient clipping accelerates training: a theoretical justification for adaptivity",
    by="J. Zhang, T. He, S. Sra, A. Jadbabaie, ICLR",
    year=2020,
)

MIKHAEIL = Source(
    key="Mikhaeil2022",
    title="On the difficulty of learning chaotic dynamics with RNNs",
    by="J. M. Mikhaeil, Z. Monfared, D. Durstewitz, NeurIPS",
    year=2022,
)

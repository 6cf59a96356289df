"""What is cited. The five sets of lecture notes come first; `theory.claims` judges their statements."""

from theory.records import Source

TRAINING_RNNS = Source(key="A", title="Training RNNs: gradients through time (handwritten notes)")
CS6180 = Source(key="B", title="CS 6180 lecture notes")
FYS5429 = Source(key="C", title="FYS5429 lecture, 5 March 2024", year=2024)
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
    title="Probabilistic interpretation of feedforward classification network outputs",
    by="J. S. Bridle, Neurocomputing",
    year=1990,
)

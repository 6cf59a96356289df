"""What the catalogue is made of: theorems, claims, assumptions, sources, pictures, and how they are found."""

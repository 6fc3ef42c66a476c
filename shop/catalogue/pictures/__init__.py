"""Pictures of the goods: taken in, made into WebP files of fixed widths, served."""

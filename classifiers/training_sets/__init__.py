"""The sets that the models that ship were trained on, made anew from the collections that hold their texts."""

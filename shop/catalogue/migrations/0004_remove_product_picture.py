from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0003_pictures_and_prices_move")]

    operations = [migrations.RemoveField(model_name="product", name="picture")]

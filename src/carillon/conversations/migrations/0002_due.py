"""What is due is a column of its own, the index of replies holds replies only, and that of keys follows time: updates and inserts
move fewer indexes, and fewer pages of them."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q


def note_due(apps, schema_editor):
    rows = apps.get_model("carillon_conversations", "Conversation").objects.using(schema_editor.connection.alias)
    rows.filter(followed__lt=F("version")).update(is_due=True)


def note_followed(apps, schema_editor):
    rows = apps.get_model("carillon_conversations", "Conversation").objects.using(schema_editor.connection.alias)
    rows.filter(is_due=False).update(followed=F("version"))


class Migration(migrations.Migration):
    dependencies = [("carillon_conversations", "0001_conversations")]

    operations = [
        migrations.AddField(
            model_name="conversation",
            name="is_due",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.RunPython(note_due, note_followed),
        migrations.RemoveIndex(model_name="conversation", name="carillon_conversation_due"),
        migrations.RemoveField(model_name="conversation", name="followed"),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(condition=Q(is_due=True), fields=["id"], name="carillon_conversation_due"),
        ),
        migrations.AlterField(
            model_name="message",
            name="reply_to",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="replies",
                to="carillon_conversations.message",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=Q(reply_to__isnull=False), fields=["reply_to"], name="carillon_message_replies"
            ),
        ),
        migrations.RemoveConstraint(model_name="message", name="carillon_message_client_id"),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(fields=("client_id", "sender"), name="carillon_message_client_id"),
        ),
    ]

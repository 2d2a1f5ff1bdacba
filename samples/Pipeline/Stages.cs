using System.Text.Json;
using System.Xml;
using Kernmantle;

namespace Pipeline;

/// <summary>A file to parse.</summary>
internal sealed record FoundFile(int Number, string Path);

/// <summary>What is in it; null where it is not what its name says.</summary>
internal sealed record ParsedFile(int Number, string Kind, long Bytes, long? Values);

/// <summary>The stages. Each runs in workers, and knows only the channels at its two ends.</summary>
internal static class Stages
{
    private static readonly string[] Kinds = [".json", ".props", ".targets", ".xml"];

    /// <summary>One worker: names the files, as fast as they are parsed.</summary>
    public static async Task FindAsync(string root, WorkerChannelWriter<FoundFile> files)
    {
        EnumerationOptions everywhere = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        int number = 0;
        foreach (string path in Directory.EnumerateFiles(root, "*", everywhere))
        {
            if (Kinds.Contains(Path.GetExtension(path)))
                await files.WriteAsync(new(number++, path));
        }
    }

    /// <summary>Many workers, which may die: a file is another's until it was passed on.</summary>
    public static async Task ParseAsync(WorkerChannelReader<FoundFile> files, WorkerChannelWriter<ParsedFile> parsed, SharedArray<int> processes, int place)
    {
        while (await files.WaitToReadAsync())
        {
            if (!files.TryTake(out ChannelDelivery<FoundFile>? delivery))
                continue;   // another one was faster
            await parsed.WriteAsync(Parse(delivery.Item));
            delivery.Complete();
            processes[place] = Environment.ProcessId;   // it may be killed now: no file is parsed in vain for ever
        }
        processes[place] = 0;
    }

    /// <summary>One worker. What a process passed on as it was killed may come once more.</summary>
    public static async Task<SortedDictionary<string, Total>> CountAsync(WorkerChannelReader<ParsedFile> parsed)
    {
        HashSet<int> counted = [];
        SortedDictionary<string, Total> totals = new(StringComparer.Ordinal);
        await foreach (ParsedFile file in parsed.ReadAllAsync())
        {
            if (!counted.Add(file.Number))
                continue;
            Total before = totals.GetValueOrDefault(file.Kind, new(0, 0, 0, 0));
            totals[file.Kind] = new(before.Files + 1, before.Unreadable + (file.Values is null ? 1 : 0), before.Bytes + file.Bytes, before.Values + (file.Values ?? 0));
        }
        return totals;
    }

    private static ParsedFile Parse(FoundFile file)
    {
        string kind = Path.GetExtension(file.Path);
        byte[] bytes = File.ReadAllBytes(file.Path);
        try
        {
            return new(file.Number, kind, bytes.Length, kind == ".json" ? CountJson(bytes) : CountXml(bytes));
        }
        catch (Exception e) when (e is JsonException or XmlException)
        {
            return new(file.Number, kind, bytes.Length, null);
        }
    }

    private static long CountJson(byte[] bytes)
    {
        var reader = new Utf8JsonReader(bytes.AsSpan(bytes.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0), new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        long values = 0;
        while (reader.Read())
            values += reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.EndArray or JsonTokenType.EndObject ? 0 : 1;
        return values;
    }

    private static long CountXml(byte[] bytes)
    {
        using XmlReader reader = XmlReader.Create(new MemoryStream(bytes), new() { DtdProcessing = DtdProcessing.Prohibit });
        long elements = 0;
        while (reader.Read())
            elements += reader.NodeType == XmlNodeType.Element ? 1 : 0;
        return elements;
    }
}

/// <summary>What the files of one kind come to.</summary>
internal sealed record Total(int Files, int Unreadable, long Bytes, long Values);

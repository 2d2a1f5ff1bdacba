using System.Runtime.CompilerServices;
using System.Text;
using Kernmantle.SharedState;

namespace Kernmantle.Channels;

/// <summary>The error that a channel was completed with, as text in its memory: the type's name, a line feed, the message; cut to what there is room for.</summary>
internal static unsafe class ChannelErrors
{
    /// <summary>By who closes, before it says that it is closed.</summary>
    public static void Write(byte* words, Exception error)
    {
        ref ChannelWords all = ref Unsafe.AsRef<ChannelWords>(words);
        (string type, string message) = error is RemoteException remote ? (remote.TypeName, remote.Message) : (error.GetType().FullName!, error.Message);
        byte[] text = Encoding.UTF8.GetBytes($"{type}\n{message}");
        int length = Math.Min(text.Length, ChannelWords.MostErrorBytes);
        while (length < text.Length && (text[length] & 0xC0) == 0x80)
            length--;   // between two characters
        SharedStores.Copy(text.AsSpan(0, length), new(words + ChannelWords.Error, length));
        SharedStores.Write(ref all.ErrorBytes, length);
    }

    /// <summary>Null if it was completed with none.</summary>
    public static Exception? Read(byte* words)
    {
        int length = Volatile.Read(ref Unsafe.AsRef<ChannelWords>(words).ErrorBytes);
        if (length is <= 0 or > ChannelWords.MostErrorBytes)
            return null;
        string[] parts = Encoding.UTF8.GetString(words + ChannelWords.Error, length).Split('\n', 2);
        string message = parts.Length > 1 ? parts[1] : "";
        return parts[0] == typeof(ChannelWritersLostException).FullName ? new ChannelWritersLostException(message) : new RemoteException(message, parts[0]);
    }
}

using System.Numerics;
using System.Runtime.InteropServices;
using Kernmantle.Wire.Bytes;

namespace Kernmantle.Python.Values;

/// <summary>Copies the items of an array into C# memory, widened where nothing is lost by it.</summary>
internal abstract class ItemReader<T>
{
    public abstract bool Takes(char format);

    /// <summary>The span has as many items as the bytes.</summary>
    public abstract void Read(char format, ReadOnlySpan<byte> bytes, Span<T> target);
}

internal sealed class NumberItemReader<T> : ItemReader<T>
    where T : unmanaged, INumberBase<T>
{
    // Every format with those that hold all of its values.
    private static readonly string Narrower = ArrayFormat<T>.Code switch
    {
        'h' => "hbB",
        'H' => "HB",
        'i' => "ibBhH",
        'I' => "IBH",
        'q' => "qbBhHiI",
        'Q' => "QBHI",
        'f' => "fbBhH",
        'd' => "dbBhHiIf",
        char own => own.ToString(),
    };

    public override bool Takes(char format) => Narrower.Contains(format);

    public override void Read(char format, ReadOnlySpan<byte> bytes, Span<T> target)
    {
        if (format == ArrayFormat<T>.Code)
        {
            bytes.CopyTo(MemoryMarshal.AsBytes(target));
            return;
        }
        switch (format)
        {
            case 'b':
                Widen<sbyte>(bytes, target);
                break;
            case 'B':
                Widen<byte>(bytes, target);
                break;
            case 'h':
                Widen<short>(bytes, target);
                break;
            case 'H':
                Widen<ushort>(bytes, target);
                break;
            case 'i':
                Widen<int>(bytes, target);
                break;
            case 'I':
                Widen<uint>(bytes, target);
                break;
            default:
                Widen<float>(bytes, target);
                break;
        }
    }

    private static void Widen<TFrom>(ReadOnlySpan<byte> bytes, Span<T> target)
        where TFrom : unmanaged, INumberBase<TFrom>
    {
        ReadOnlySpan<TFrom> items = MemoryMarshal.Cast<byte, TFrom>(bytes);
        for (int i = 0; i < target.Length; i++)
            target[i] = T.CreateTruncating(items[i]);
    }
}

internal sealed class BoolItemReader : ItemReader<bool>
{
    public override bool Takes(char format) => format == '?';

    // Copied first: the other side may change shared memory while it is checked.
    public override void Read(char format, ReadOnlySpan<byte> bytes, Span<bool> target)
    {
        Span<byte> copy = MemoryMarshal.AsBytes(target);
        bytes.CopyTo(copy);
        if (copy.ContainsAnyExceptInRange((byte)0, (byte)1))
        {
            copy.Clear();
            throw new InvalidPayloadException("A bool that is neither 0 nor 1.");
        }
    }
}

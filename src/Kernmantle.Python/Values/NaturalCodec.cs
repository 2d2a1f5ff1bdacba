using System.Numerics;
using Kernmantle.Python.Sharing;

namespace Kernmantle.Python.Values;

/// <summary>
/// A value of no known type. Written as what it is; read as what is nearest: null, bool, long (or BigInteger), double, Complex, string,
/// byte[], List&lt;object?&gt;, object?[] for a tuple, Dictionary&lt;object, object?&gt;, HashSet&lt;object?&gt;, DateTime (or DateTimeOffset for an aware
/// one), DateOnly, TimeOnly, TimeSpan, decimal, Guid, string for a path, the value of an enum's member, Dictionary&lt;string, object?&gt; for a record,
/// and T[], T[,] or T[,,] for a numeric array.
/// </summary>
internal sealed class NaturalCodec : ValueCodec<object?>
{
    public override void Write(ref PythonWriter writer, object? value)
    {
        if (value is null)
            writer.WriteNone();
        else if (value.GetType() == typeof(object))
            throw new RefusedValueException("object", "It holds nothing: pass the data itself.");
        else
            ValueCodecs.For(value.GetType()).WriteBoxed(ref writer, value);
    }

    public override object? Read(ref PythonReader reader)
    {
        switch (reader.Peek())
        {
            case PythonKind.None:
                reader.ReadNone();
                return null;
            case PythonKind.Bool:
                return reader.ReadBool();
            case PythonKind.Int:
                if (reader.TryReadInt32(out int small))
                    return (long)small;
                BigInteger number = BigIntegerCodec.ReadInteger(ref reader);
                return number >= long.MinValue && number <= long.MaxValue ? (object)(long)number : number;
            case PythonKind.Float:
                return reader.ReadFloat();
            case PythonKind.Complex:
                return reader.ReadComplex();
            case PythonKind.Bytes:
                return reader.ReadBytes().ToArray();
            case PythonKind.Str or PythonKind.Path:
                return ValueCodecs<string?>.Codec.Read(ref reader);
            case PythonKind.List:
                return ValueCodecs<List<object?>>.Codec.Read(ref reader);
            case PythonKind.Tuple:
                return ItemsReader.Read<object?>(ref reader);
            case PythonKind.Set or PythonKind.FrozenSet:
                return ValueCodecs<HashSet<object?>>.Codec.Read(ref reader);
            case PythonKind.Dict:
                return ValueCodecs<Dictionary<object, object?>>.Codec.Read(ref reader);
            case PythonKind.Record:
                return ValueCodecs<Dictionary<string, object?>>.Codec.Read(ref reader);
            case PythonKind.DateTime:
                PythonReader ahead = reader;
                TimeFields.ReadDateTime(ref ahead, out TimeSpan? offset);
                return offset is null ? (object)ValueCodecs<DateTime>.Codec.Read(ref reader) : ValueCodecs<DateTimeOffset>.Codec.Read(ref reader);
            case PythonKind.Date:
                return ValueCodecs<DateOnly>.Codec.Read(ref reader);
            case PythonKind.Time:
                return ValueCodecs<TimeOnly>.Codec.Read(ref reader);
            case PythonKind.TimeDelta:
                return ValueCodecs<TimeSpan>.Codec.Read(ref reader);
            case PythonKind.Decimal:
                return ValueCodecs<decimal>.Codec.Read(ref reader);
            case PythonKind.Uuid:
                return ValueCodecs<Guid>.Codec.Read(ref reader);
            case PythonKind.Array or PythonKind.Block:
                return ReadArray(ref reader);
            case PythonKind.Object:
                return HostObjects.Read(ref reader);
            default:
                return ReadOther(ref reader);
        }
    }

    private static object? ReadArray(ref PythonReader reader)
    {
        PythonReader ahead = reader;
        NumericArray array = NumericArrays.Read(ref ahead);
        Type item = array.Format switch
        {
            '?' => typeof(bool),
            'b' => typeof(sbyte),
            'B' => typeof(byte),
            'h' => typeof(short),
            'H' => typeof(ushort),
            'i' => typeof(int),
            'I' => typeof(uint),
            'q' => typeof(long),
            'Q' => typeof(ulong),
            'f' => typeof(float),
            _ => typeof(double),
        };
        return array.Shape.Length switch
        {
            1 => ValueCodecs.For(item.MakeArrayType()).ReadBoxed(ref reader),
            2 or 3 => ValueCodecs.For(item.MakeArrayType(array.Shape.Length)).ReadBoxed(ref reader),
            int rank => throw Mismatch($"array of {rank} dimensions", "Return one of one to three dimensions, or a scalar: x.ravel(), x.item()."),
        };
    }
}

using System.Reflection;
using System.Reflection.Emit;
using Kernmantle.Functions.Capturing;

namespace Kernmantle.Tests.Functions;

public sealed class InstructionTests
{
    [Fact]
    public void The_size_of_every_instruction_is_known() => Assert.All(Defined(), static code =>
    {
        int expected = code.OperandType switch
        {
            OperandType.InlineNone => 0,
            OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
            OperandType.InlineVar => 2,
            OperandType.InlineI8 or OperandType.InlineR => 8,
            OperandType.InlineSwitch => 12,
            _ => 4,
        };
        Assert.Equal(expected, Instructions.OperandSize((ushort)code.Value, [2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
    });

    [Fact]
    public void Codes_that_do_not_exist_have_no_size()
    {
        HashSet<int> known = [.. Defined().Select(static o => (int)(ushort)o.Value), 0xFE19];
        for (int code = 0; code < 0xFE; code++)
            Assert.Equal(known.Contains(code), Instructions.OperandSize(code, new byte[8]) >= 0);
        for (int code = 0xFE00; code < 0xFEFF; code++)
            Assert.Equal(known.Contains(code), Instructions.OperandSize(code, new byte[8]) >= 0);
    }

    [Theory]
    [InlineData(new byte[] { 0x20, 1, 2 })]
    [InlineData(new byte[] { 0xFE })]
    [InlineData(new byte[] { 0x45, 255, 255, 255, 255 })]
    [InlineData(new byte[] { 0x24 })]
    public void Broken_code_is_seen_as_broken(byte[] il)
    {
        var instructions = new Instructions(il);
        while (instructions.Read())
        {
        }
        Assert.True(instructions.IsBroken);
    }

    [Fact]
    public void Every_method_of_this_assembly_can_be_read()
    {
        foreach (MethodInfo method in typeof(InstructionTests).Assembly.GetTypes().SelectMany(static t => t.GetMethods((BindingFlags)62)))
        {
            var instructions = new Instructions(method.GetMethodBody()?.GetILAsByteArray());
            while (instructions.Read())
            {
            }
            Assert.False(instructions.IsBroken, method.ToString());
        }
    }

    /// <summary>Prefixes that only the runtime itself uses are not instructions.</summary>
    private static IEnumerable<OpCode> Defined() => typeof(OpCodes)
        .GetFields(BindingFlags.Static | BindingFlags.Public)
        .Select(static f => (OpCode)f.GetValue(null)!)
        .Where(static o => o.OpCodeType != OpCodeType.Nternal);
}
